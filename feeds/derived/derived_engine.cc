#include "feeds/derived/derived_engine.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/base/log.h"
#include "gateway/market/layout.h"

namespace streamhub::derived {
namespace {

// The worst first.
constexpr std::string_view kTradings[] = {"halted", "closed", "unknown",
                                          "auction", "open"};
constexpr size_t kUnknown = 2;

// As they are published, and read.
using Words = std::array<int64_t, std::size(kTradings)>;
const Words& TradingWords() {
  static const Words words = [] {
    Words packed;
    std::transform(std::begin(kTradings), std::end(kTradings), packed.begin(),
                   PackText);
    return packed;
  }();
  return words;
}

size_t TradingOf(int64_t word) {
  const Words& words = TradingWords();
  const auto found = std::find(words.begin(), words.end(), word);
  return found == words.end() ? kUnknown
                              : static_cast<size_t>(found - words.begin());
}

const Layout& PriceLayout(bool has_quote) {
  static const Layout quote(std::array{FieldId::kTrading, FieldId::kBid,
                                       FieldId::kAsk, FieldId::kLast});
  static const Layout last(std::array{FieldId::kTrading, FieldId::kLast});
  return has_quote ? quote : last;
}

int DecimalsOf(const Definition& definition, const std::vector<int>& inputs) {
  if (definition.decimals.has_value()) return *definition.decimals;
  const int most = *std::max_element(inputs.begin(), inputs.end());
  return std::min(most + (definition.kind == Kind::kMid ? 1 : 0), kDecimalsMax);
}

}  // namespace

DerivedEngine::DerivedEngine(Plan plan, std::vector<FeedSet> sets,
                             std::vector<Publisher*> publishers,
                             ShardWake& wake)
    : sets_(std::move(sets)),
      publishers_(std::move(publishers)),
      wake_(wake),
      market_(publishers_.at(0)->market()),
      clock_(publishers_.at(0)->clock()),
      counters_(publishers_.at(0)->counters()),
      patience_until_ns_(clock_.MonoNs() + kPatienceNs) {
  STREAMHUB_CHECK(publishers_.size() == sets_.size());
  const auto source_of = [this](const std::string& symbol) {
    const auto [at, fresh] = source_of_.emplace(symbol, sources_.size());
    if (fresh) sources_.emplace_back().symbol = symbol;
    return at->second;
  };
  derived_.reserve(plan.definitions.size());
  for (Definition& definition : plan.definitions) {
    Derived& derived = derived_.emplace_back();
    for (const Input& input : definition.inputs) {
      const size_t source = source_of(input.symbol);
      derived.inputs.push_back(source);
      sources_[source].users.push_back(derived_.size() - 1);
    }
    derived.definition = std::move(definition);
  }
  for (size_t i = 0; i < derived_.size(); ++i) {
    const auto found = source_of_.find(derived_[i].definition.symbol);
    if (found == source_of_.end()) continue;
    derived_[i].as_source = found->second;
    sources_[found->second].derived = true;
    sources_[found->second].made_by = i;
  }
  undefined_ = derived_.size();
  missing_ = static_cast<size_t>(
      std::count_if(sources_.begin(), sources_.end(),
                    [](const Source& source) { return !source.derived; }));
  counters_.Add(Metric::kDerivedInputsMissing, static_cast<int64_t>(missing_));
  dirty_.reserve(sources_.size());
  due_.resize((derived_.size() + 63) / 64);
  begun_.resize(sets_.size());
  status_.resize(sets_.size(), FeedStatus::kDown);
  told_ = status_;
}

bool DerivedEngine::Turn() {
  mono_ns_ = clock_.MonoNs();
  wake_.BeginTurn();
  // Before the ticks are taken: a feed has published what it had when it says
  // that it ended. Told after them.
  for (size_t i = 0; i < sets_.size(); ++i) {
    status_[i] = WorstStatus(market_.feeds(), sets_[i].inputs, mono_ns_);
  }
  if (control_seen_ != market_.control_version()) LookAtMarket();
  // What this engine publishes is not watched: its marks wake it for one turn
  // more, and no further.
  wake_.Take(symbols_seen_, [this](size_t word, uint64_t bits) {
    for (bits &= watched_[word]; bits != 0; bits &= bits - 1) {
      const size_t id = word * 64 + static_cast<size_t>(std::countr_zero(bits));
      MarkDirty(source_at_[id]);
    }
  });
  const bool all_read = ReadDirty();
  ComputeDue();
  TellFreshness();
  if (!missing_told_ && mono_ns_ >= patience_until_ns_) TellMissing();
  return !all_read;
}

void DerivedEngine::LookAtMarket() {
  control_seen_ = market_.control_version();
  if (const uint64_t epoch = market_.epoch(); epoch != epoch_) {
    // Whatever was cleared without a tick.
    epoch_ = epoch;
    for (size_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i].known && !sources_[i].derived) MarkDirty(i);
    }
  }
  FindSources();
  while (undefined_ > 0 && DefineThoseThatCanBe()) FindSources();
  WithdrawContested();
}

// One was there before the feed's of its name, which is refused: so that nobody
// takes one for the other, it is empty from now on.
void DerivedEngine::WithdrawContested() {
  for (const SymbolId id : market_.contested()) {
    for (size_t i = 0; i < derived_.size(); ++i) {
      Derived& derived = derived_[i];
      if (!derived.formula.has_value() || derived.id != id) continue;
      if (std::exchange(derived.withdrawn, true)) continue;
      due_[i / 64] |= uint64_t{1} << (i % 64);
      LogError(absl::StrCat("derived symbol ", derived.definition.symbol,
                            ": a feed brings a symbol of that name"));
    }
  }
}

void DerivedEngine::FindSources() {
  const size_t symbols = market_.symbols().size();
  watched_.resize((symbols + 63) / 64);
  source_at_.resize(symbols);
  for (; symbols_seen_ < symbols; ++symbols_seen_) {
    const auto id = static_cast<SymbolId>(symbols_seen_);
    const SymbolInfo& info = market_.symbols().Get(id);
    const auto found = source_of_.find(info.code);
    if (found == source_of_.end() || info.topic != nullptr) continue;
    Source& source = sources_[found->second];
    // Its own: Define() knows it.
    if (source.derived || source.known) continue;
    Know(source, id);
    watched_[id / 64] |= uint64_t{1} << (id % 64);
    source_at_[id] = static_cast<uint32_t>(found->second);
    MarkDirty(found->second);
    --missing_;
    counters_.Add(Metric::kDerivedInputsMissing, -1);
  }
}

void DerivedEngine::Know(Source& source, SymbolId id) {
  const Layout& layout = *market_.symbols().Get(id).layout;
  source.known = true;
  source.id = id;
  source.bid = layout.PositionOf(FieldId::kBid);
  source.ask = layout.PositionOf(FieldId::kAsk);
  source.last = layout.PositionOf(FieldId::kLast);
  source.trading = layout.PositionOf(FieldId::kTrading);
  source.mask = 0;
  for (const int at : {source.bid, source.ask, source.last, source.trading}) {
    if (at >= 0) source.mask |= FieldMask{1} << at;
  }
}

bool DerivedEngine::CanBeDefined(const Derived& derived) const {
  return std::all_of(
      derived.inputs.begin(), derived.inputs.end(), [this](size_t input) {
        const Source& source = sources_[input];
        if (!source.known) return false;
        const FeedId feed = market_.symbols().Get(source.id).feed;
        return source.derived ||
               market_.feeds().StatusAt(feed, mono_ns_) != FeedStatus::kDown;
      });
}

// Whether one that was to be derived has to be looked for among the feeds'.
bool DerivedEngine::DefineThoseThatCanBe() {
  bool look_again = false;
  for (size_t i = 0; i < derived_.size(); ++i) {
    Derived& derived = derived_[i];
    if (derived.refused || derived.formula.has_value() ||
        !CanBeDefined(derived)) {
      continue;
    }
    --undefined_;
    const absl::Status defined = Define(derived);
    if (!defined.ok()) {
      derived.refused = true;
      LogError(absl::StrCat("derived symbol ", defined.message()));
      if (derived.as_source.has_value()) {
        sources_[*derived.as_source].derived = false;
        ++missing_;
        counters_.Add(Metric::kDerivedInputsMissing);
        symbols_seen_ = 0;
        look_again = true;
      }
      continue;
    }
    due_[i / 64] |= uint64_t{1} << (i % 64);
  }
  return look_again;
}

absl::Status DerivedEngine::Define(Derived& derived) {
  const Definition& definition = derived.definition;
  std::vector<int> decimals;
  std::string currency;
  bool same_currency = definition.kind != Kind::kCross;
  for (const size_t input : derived.inputs) {
    const SymbolInfo& info = market_.symbols().Get(sources_[input].id);
    same_currency &= decimals.empty() || info.currency == currency;
    currency = info.currency;
    decimals.push_back(info.price_decimals);
    // Of a derived one, those that it is made of.
    const std::vector<FeedId> own = {info.feed};
    const std::vector<FeedId>& feeds =
        sources_[input].derived ? derived_[sources_[input].made_by].feeds : own;
    derived.feeds.insert(derived.feeds.end(), feeds.begin(), feeds.end());
  }
  std::sort(derived.feeds.begin(), derived.feeds.end());
  derived.feeds.erase(std::unique(derived.feeds.begin(), derived.feeds.end()),
                      derived.feeds.end());

  SymbolInfo info;
  info.price_decimals = DecimalsOf(definition, decimals);
  auto formula = Formula::Make(definition, decimals, info.price_decimals);
  if (!formula.ok()) return formula.status();
  info.code = definition.symbol;
  info.name =
      definition.name.empty() ? FormatFormula(definition) : definition.name;
  info.currency = definition.currency;
  if (info.currency.empty() && same_currency) info.currency = currency;
  info.layout = &PriceLayout(formula->has_quote());
  derived.set = FindFeedSet(sets_, derived.feeds);
  const auto id = publishers_[derived.set]->Define(std::move(info));
  if (!id.ok()) return id.status();
  derived.id = *id;
  derived.formula = *std::move(formula);
  if (derived.as_source.has_value()) Know(sources_[*derived.as_source], *id);
  return absl::OkStatus();
}

void DerivedEngine::MarkDirty(size_t source) {
  if (std::exchange(sources_[source].dirty, true)) return;
  dirty_.push_back(source);
}

bool DerivedEngine::ReadDirty() {
  std::erase_if(dirty_, [this](size_t index) {
    Source& source = sources_[index];
    if (!market_.cache().Read(source.id, source.mask, &view_)) {
      counters_.Add(Metric::kReadsContended);
      return false;
    }
    const auto value = [this](int at) {
      return at < 0 ? kEmpty : view_.value[static_cast<size_t>(at)];
    };
    source.state = {.prices = {.bid = value(source.bid),
                               .ask = value(source.ask),
                               .last = value(source.last)},
                    .trading = TradingOf(value(source.trading)),
                    .received_ns = view_.received_ns,
                    .event_ns = view_.event_ns};
    source.dirty = false;
    source.has_state = true;
    MarkUsersDue(source);
    return true;
  });
  return dirty_.empty();
}

void DerivedEngine::MarkUsersDue(const Source& source) {
  for (const size_t user : source.users) {
    due_[user / 64] |= uint64_t{1} << (user % 64);
  }
}

void DerivedEngine::ComputeDue() {
  for (size_t word = 0; word < due_.size(); ++word) {
    // Those that become due by another stand behind it, maybe in this word.
    while (due_[word] != 0) {
      const auto bit = static_cast<size_t>(std::countr_zero(due_[word]));
      due_[word] &= due_[word] - 1;
      Derived& derived = derived_[word * 64 + bit];
      if (CanBeComputed(derived)) ComputeAndPublish(derived);
    }
  }
  for (size_t i = 0; i < begun_.size(); ++i) {
    if (!begun_[i]) continue;
    begun_[i] = false;
    publishers_[i]->EndBatch();
  }
}

bool DerivedEngine::CanBeComputed(const Derived& derived) const {
  // An input that was never read, since its writer was in the way, will be.
  return derived.formula.has_value() &&
         std::all_of(
             derived.inputs.begin(), derived.inputs.end(),
             [this](size_t input) { return sources_[input].has_state; });
}

DerivedEngine::State DerivedEngine::StateOf(const Derived& derived) {
  State state;
  state.received_ns = std::numeric_limits<int64_t>::max();
  state.event_ns = std::numeric_limits<int64_t>::max();
  state.trading = std::size(kTradings) - 1;
  size_t count = 0;
  for (const size_t input : derived.inputs) {
    const State& one = sources_[input].state;
    prices_[count++] = one.prices;
    state.trading = std::min(state.trading, one.trading);
    state.received_ns = std::min(state.received_ns, one.received_ns);
    // 0 is less than any: of what is not known the age is not known.
    state.event_ns = std::min(state.event_ns, one.event_ns);
  }
  int64_t too_big = 0;
  state.prices =
      derived.formula->Compute(std::span(prices_.data(), count), &too_big);
  if (derived.withdrawn) state.prices = {};
  if (too_big > 0) counters_.Add(Metric::kDerivedOverflows, too_big);
  return state;
}

void DerivedEngine::ComputeAndPublish(Derived& derived) {
  const State state = StateOf(derived);
  Publisher& publisher = *publishers_[derived.set];
  if (!begun_[derived.set]) {
    begun_[derived.set] = true;
    publisher.BeginBatch();
  }
  publisher.ReceivedAt(state.received_ns);
  publisher.Publish(derived.id,
                    {{FieldId::kTrading, TradingWords()[state.trading]},
                     {FieldId::kBid, state.prices.bid},
                     {FieldId::kAsk, state.prices.ask},
                     {FieldId::kLast, state.prices.last}},
                    state.event_ns);
  ++computed_;
  if (!derived.as_source.has_value()) return;
  Source& source = sources_[*derived.as_source];
  source.state = state;
  source.has_state = true;
  MarkUsersDue(source);
}

void DerivedEngine::TellFreshness() {
  for (size_t i = 0; i < sets_.size(); ++i) {
    if (status_[i] != told_[i]) {
      told_[i] = status_[i];
      publishers_[i]->SetStatus(status_[i]);
    } else if (status_[i] == FeedStatus::kLive) {
      publishers_[i]->Heartbeat();
    }
  }
}

void DerivedEngine::TellMissing() {
  missing_told_ = true;
  if (missing_ == 0) return;
  constexpr size_t kShownMax = 5;
  std::string shown;
  size_t count = 0;
  for (const Source& source : sources_) {
    if (source.known || source.derived || ++count > kShownMax) continue;
    absl::StrAppend(&shown, shown.empty() ? "" : ", ", source.symbol, " (for ",
                    derived_[source.users[0]].definition.symbol, ")");
  }
  LogWarning(absl::StrCat("derived symbols wait for ", missing_,
                          " that no feed has: ", shown,
                          count > kShownMax ? ", ..." : ""));
}

}  // namespace streamhub::derived
