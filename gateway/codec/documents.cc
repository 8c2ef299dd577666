#include "gateway/codec/documents.h"

#include <sched.h>

#include <vector>

#include "gateway/codec/json.h"
#include "gateway/market/quiet.h"

namespace streamhub {
namespace {

// A one-shot reader has no next turn: it asks until the writer lets it through.
void ReadNow(const ConflationCache& cache, SymbolId id, FieldMask mask,
             QuoteView* view) {
  while (!cache.Read(id, mask, view)) sched_yield();
}

}  // namespace

void AppendQuotes(const Market& market, const Clock& clock,
                  const WithdrawnSet& withdrawn, const Request& request,
                  std::string* out) {
  const int64_t wall_ns = clock.WallNs();
  std::vector<std::string_view> unknown;
  *out += "{\"epoch\":\"";
  AppendEpoch(market.epoch(), out);
  *out += "\",\"time\":";
  AppendInt(wall_ns / kMicrosecond, out);
  *out += ",\"quotes\":{";
  bool first = true;
  for (const RequestSymbol& wanted : request.symbols) {
    const auto id = market.symbols().Find(wanted.name);
    if (!id.has_value() || market.topic(*id) != nullptr) {
      unknown.push_back(wanted.name);
      continue;
    }
    const SymbolInfo& info = market.symbols().Get(*id);
    const FeedInfo& feed = market.feeds().info(info.feed);
    const FieldMask fields = request.all_fields
                                 ? info.layout->all()
                                 : info.layout->MaskOf(request.fields);
    QuoteView view;
    ReadNow(market.cache(), *id, fields, &view);
    const bool gone = withdrawn.Has(*id);
    if (gone) view.value.fill(kEmpty);
    const bool quiet = IsQuiet(feed, view, wall_ns);
    const FeedStatus status =
        market.feeds().StatusAt(info.feed, clock.MonoNs());
    if (!first) *out += ',';
    first = false;
    AppendQuoteOpen(info, view, fields, true,
                    gone    ? QuietNote::kWithdrawn
                    : quiet ? QuietNote::kQuiet
                            : QuietNote::kNotQuiet,
                    out);
    *out += ",\"state\":\"";
    *out += gone                                   ? "withdrawn"
            : status == FeedStatus::kLive && quiet ? "quiet"
                                                   : FeedStatusName(status);
    *out += "\",\"source\":\"";
    *out += SourceName(feed.source);
    *out += "\"}";
  }
  *out += "},\"unknown\":[";
  for (size_t i = 0; i < unknown.size(); ++i) {
    if (i > 0) *out += ',';
    AppendString(unknown[i], out);
  }
  *out += "]}\n";
}

void AppendSymbols(const Market& market, std::string_view prefix,
                   std::string_view after, size_t limit, bool topics,
                   std::string* out) {
  bool more = false;
  const auto ids = market.symbols().List(prefix, after, limit, topics, &more);
  *out += "{\"symbols\":{";
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) *out += ',';
    AppendDescription(market.symbols().Get(ids[i]), market.feeds(), out);
  }
  *out += more ? "},\"more\":true}\n" : "},\"more\":false}\n";
}

}  // namespace streamhub
