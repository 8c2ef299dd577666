#include "tests/support/polled_symbols.h"

#include <algorithm>

namespace streamhub {
namespace {

// Cuts `text` at the first `separator` and moves behind it.
std::string_view Cut(std::string_view* text, char separator) {
  const std::string_view part = text->substr(0, text->find(separator));
  text->remove_prefix(std::min(text->size(), part.size() + 1));
  return part;
}

}  // namespace

PolledSymbols::PolledSymbols(std::string_view query, std::string* others) {
  Cut(&query, '?');
  while (!query.empty()) {
    std::string_view parameter = Cut(&query, '&');
    if (parameter.starts_with("at=")) {
      at_ = parameter.substr(3);
    } else if (!parameter.starts_with("symbols=")) {
      *others += '&';
      *others += parameter;
    } else {
      Cut(&parameter, '=');
      while (!parameter.empty()) {
        std::string_view name = Cut(&parameter, ',');
        Symbol& symbol = symbols_.emplace_back();
        symbol.name = Cut(&name, '@');
        if (!name.empty()) symbol.asked = "@" + std::string(name);
      }
    }
  }
}

PolledSymbols::Symbol* PolledSymbols::Find(std::string_view name) {
  const auto found =
      std::find_if(symbols_.begin(), symbols_.end(),
                   [name](const Symbol& s) { return s.name == name; });
  return found == symbols_.end() ? nullptr : &*found;
}

void PolledSymbols::Apply(const JsonValue& object) {
  if (object.Text("type") == "ack") {
    at_ = object.Text("at");
    const JsonValue* const told = object.Find("symbols");
    if (told == nullptr) return;
    for (const auto& [name, description] : told->members) {
      if (Symbol* const symbol = Find(name)) symbol->asked = "@0";
    }
  }
  if (const JsonValue* const topics = object.Find("topics")) {
    for (const auto& [name, part] : topics->members) {
      Symbol* const symbol = Find(name);
      if (symbol == nullptr) continue;
      symbol->asked = "@" + std::to_string(part.Int("v"));
    }
  }
  if (const JsonValue* const quotes = object.Find("quotes")) {
    for (const auto& [name, quote] : quotes->members) {
      Symbol* const symbol = Find(name);
      if (symbol == nullptr) continue;
      const JsonValue* const quiet = quote.Find("quiet");
      const bool is_quiet = quiet == nullptr ? symbol->asked.ends_with('q')
                                             : quiet->text == "true";
      symbol->asked = "@" + std::to_string(quote.Int("v"));
      if (is_quiet) symbol->asked += 'q';
    }
  }
}

std::string PolledSymbols::Parameters() const {
  std::string text;
  for (const Symbol& symbol : symbols_) {
    text += text.empty() ? "&symbols=" : ",";
    text += symbol.name + symbol.asked;
  }
  if (!at_.empty()) text += "&at=" + at_;
  return text;
}

}  // namespace streamhub
