// From what a client may go on: the token that it is told, and what of its
// claims counts.

#include "gateway/session/session.h"

namespace streamhub {

std::string Session::AtToken(std::string_view at_fields) const {
  std::string token;
  AppendEpoch(fanout_.epoch_, &token);
  token += at_fields;
  AppendGeneration(&token);
  return token;
}

// Part of the third part: what was withdrawn or restored since makes what a
// client holds worth nothing.
void Session::AppendGeneration(std::string* token) const {
  const uint64_t generation = fanout_.withdrawn_.generation();
  if (generation == 0) return;
  *token += 'w';
  AppendUnsigned(generation, token);
}

// What the client says it holds, if the symbol has been there; else 0. It must
// be found out now: at the time of the flush the symbol may have got there.
uint64_t Session::HeldVersion(SymbolId symbol, uint64_t claimed) const {
  QuoteView view;
  if (!fanout_.market_.cache().Read(symbol, 0, &view)) return 0;
  return claimed <= view.version ? claimed : 0;
}

}  // namespace streamhub
