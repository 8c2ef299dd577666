#include "tests/feeds/itch/sample_session.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "feeds/itch/messages.h"
#include "feeds/itch/writer.h"
#include "gateway/base/clock.h"

namespace streamhub::itch {
namespace {

constexpr uint64_t kOpenNs = uint64_t{34'200} * kSecond;  // 09:30
constexpr uint64_t kStartNs = kOpenNs - 4 * kSecond;
constexpr uint64_t kHaltNs = kOpenNs + 20 * kSecond;
constexpr uint64_t kQuoteNs = kOpenNs + 32 * kSecond;
constexpr uint64_t kResumeNs = kOpenNs + 36 * kSecond;
constexpr uint64_t kCloseNs = kOpenNs + 56 * kSecond;
constexpr uint32_t kTick = 100;  // a cent
constexpr int kSeedLevels = 14;
constexpr int kActions = 2600;
constexpr size_t kHalted = 4;  // EMBER

struct Resting {
  uint64_t ref;
  Side side;
  uint32_t shares;
  uint32_t price;
};

struct Listing {
  std::string_view code;
  uint32_t price;
};

constexpr Listing kListings[] = {{"ALPHA", 187'2500}, {"BRAVO", 42'1000},
                                 {"CEDAR", 9'6400},   {"DELTA", 311'8000},
                                 {"EMBER", 63'0500},  {"FJORD", 128'9000}};

struct Book {
  Head head;
  Stock stock;
  uint32_t mid;
  std::vector<Resting> orders;
};

class Session {
 public:
  std::string Make() {
    Append(SystemEvent{At(kStartNs, 0), 'O'}, &out_);
    for (const Listing& listing : kListings) List(listing);
    Append(SystemEvent{At(kStartNs + kSecond, 0), 'S'}, &out_);
    for (Book& book : books_) Seed(&book);
    Append(SystemEvent{At(kOpenNs, 0), 'Q'}, &out_);
    for (Book& book : books_) Auction(&book, 'O');
    constexpr uint64_t kStepNs = (kCloseNs - kOpenNs) / (kActions + 2);
    for (int i = 1; i <= kActions; ++i) {
      const uint64_t step_ns = kOpenNs + static_cast<uint64_t>(i) * kStepNs;
      time_ns_ = std::max(time_ns_ + 1, step_ns + Below(kStepNs));
      HaltOrResume();
      Act(&books_[Below(books_.size())]);
    }
    Append(SystemEvent{At(kCloseNs, 0), 'M'}, &out_);
    Append(SystemEvent{At(kCloseNs + 1, 0), 'E'}, &out_);
    Append(SystemEvent{At(kCloseNs + 2, 0), 'C'}, &out_);
    AppendEndOfSession(&out_);
    return std::move(out_);
  }

 private:
  // The standard's distributions differ between libraries; this does not.
  uint64_t Below(uint64_t end) { return random_() % end; }

  Head At(uint64_t time_ns, uint16_t locate) {
    time_ns_ = time_ns;
    return {locate, 0, time_ns};
  }
  Head Now(const Book& book) { return At(time_ns_, book.head.locate); }
  Head Next(const Book& book) {
    return At(time_ns_ + 1 + Below(200'000), book.head.locate);
  }

  void List(const Listing& listing) {
    Book book;
    book.head.locate = static_cast<uint16_t>(books_.size() + 1);
    book.stock = MakeStock(listing.code);
    book.mid = listing.price;
    Append(StockDirectory{Next(book), book.stock}, &out_);
    Append(TradingAction{Next(book), book.stock}, &out_);
    books_.push_back(book);
  }

  void Seed(Book* book) {
    for (int level = 1; level <= kSeedLevels; ++level) {
      const uint32_t away = static_cast<uint32_t>(level) * kTick;
      Add(book, Side::kBuy, book->mid - away);
      Add(book, Side::kSell, book->mid + away);
    }
  }

  void Add(Book* book, Side side, uint32_t price) {
    AddOrder add;
    add.head = Next(*book);
    add.ref = ++refs_;
    add.side = side;
    add.shares = static_cast<uint32_t>(100 * (1 + Below(9)) + Below(2) * 25);
    add.stock = book->stock;
    add.price = price;
    if (Below(20) == 0) add.participant = {'A', 'N', 'O', 'N'};
    Append(add, &out_);
    book->orders.push_back({add.ref, side, add.shares, price});
  }

  // A buy and a sell of the same price meet; the tape has their sum once.
  void Auction(Book* book, char type) {
    Add(book, Side::kBuy, book->mid);
    Resting buy = book->orders.back();
    book->orders.pop_back();
    Append(OrderExecutedWithPrice{Next(*book), buy.ref, buy.shares, ++matches_,
                                  false, book->mid},
           &out_);
    Append(CrossTrade{Now(*book), buy.shares, book->stock, book->mid,
                      ++matches_, type},
           &out_);
  }

  void HaltOrResume() {
    Book& book = books_[kHalted];
    TradingAction action{Now(book), book.stock};
    if (state_ == 'T' && time_ns_ >= kHaltNs && time_ns_ < kQuoteNs) {
      state_ = 'H';
      action.reason = {'T', '1', ' ', ' '};
    } else if (state_ == 'H' && time_ns_ >= kQuoteNs) {
      state_ = 'Q';
    } else if (state_ == 'Q' && time_ns_ >= kResumeNs) {
      state_ = 'T';
      Auction(&book, 'H');
    } else {
      return;
    }
    action.state = state_;
    action.head = Next(book);
    Append(action, &out_);
  }

  uint32_t Best(const Book& book, Side side) const {
    uint32_t best = 0;
    for (const Resting& r : book.orders) {
      if (r.side != side) continue;
      const bool better = side == Side::kBuy ? r.price > best : r.price < best;
      if (best == 0 || better) best = r.price;
    }
    return best;
  }

  // A price on the passive side of the other side's best, mostly near it.
  uint32_t Passive(const Book& book, Side side) {
    const auto away = static_cast<uint32_t>((1 + Below(4) * Below(4)) * kTick);
    const uint32_t other =
        Best(book, side == Side::kBuy ? Side::kSell : Side::kBuy);
    if (other == 0) {
      return side == Side::kBuy ? book.mid - away : book.mid + away;
    }
    return side == Side::kBuy ? other - away : other + away;
  }

  void Act(Book* book) {
    const bool halted = book == &books_[kHalted] && state_ != 'T';
    const Side side = Below(2) == 0 ? Side::kBuy : Side::kSell;
    if (book->orders.size() < 2 * kSeedLevels || Best(*book, side) == 0) {
      return Add(book, side, Passive(*book, side));
    }
    const uint64_t dice = Below(100);
    const size_t i = Below(book->orders.size());
    if (dice < 38) return Add(book, side, Passive(*book, side));
    if (dice < 60) return Remove(book, i);
    if (dice < 72) return Replace(book, i);
    if (dice < 78) return Cancel(book, i);
    if (!halted && dice < 96) return Execute(book, side);
    if (!halted) return HiddenTrade(book, side);
  }

  void Remove(Book* book, size_t i) {
    Append(OrderDelete{Now(*book), book->orders[i].ref}, &out_);
    book->orders.erase(book->orders.begin() + static_cast<ptrdiff_t>(i));
  }

  void Replace(Book* book, size_t i) {
    Resting& r = book->orders[i];
    const uint64_t old_ref = r.ref;
    r.ref = ++refs_;
    r.price = Passive(*book, r.side);
    r.shares = static_cast<uint32_t>(100 * (1 + Below(9)));
    Append(OrderReplace{Now(*book), old_ref, r.ref, r.shares, r.price}, &out_);
  }

  void Cancel(Book* book, size_t i) {
    Resting& r = book->orders[i];
    const auto shares = static_cast<uint32_t>(1 + Below(r.shares));
    Append(OrderCancel{Now(*book), r.ref, shares}, &out_);
    Reduce(book, i, shares);
  }

  void Execute(Book* book, Side side) {
    const uint32_t best = Best(*book, side);
    size_t i = 0;
    while (book->orders[i].side != side || book->orders[i].price != best) ++i;
    const Resting& r = book->orders[i];
    const bool whole = Below(3) != 0;
    const auto shares =
        whole ? r.shares : static_cast<uint32_t>(1 + Below(r.shares));
    if (Below(12) == 0) {
      const uint32_t better =
          side == Side::kBuy ? best + kTick / 2 : best - kTick / 2;
      Append(OrderExecutedWithPrice{Now(*book), r.ref, shares, ++matches_, true,
                                    better},
             &out_);
    } else {
      Append(OrderExecuted{Now(*book), r.ref, shares, ++matches_}, &out_);
    }
    book->mid = best;
    Reduce(book, i, shares);
  }

  void HiddenTrade(Book* book, Side side) {
    const uint32_t price =
        (Best(*book, side) +
         std::max(Best(*book, Side::kSell), Best(*book, Side::kBuy))) /
        2;
    Append(
        Trade{Now(*book), 0, Side::kBuy, static_cast<uint32_t>(1 + Below(300)),
              book->stock, price, ++matches_},
        &out_);
  }

  void Reduce(Book* book, size_t i, uint32_t shares) {
    book->orders[i].shares -= shares;
    if (book->orders[i].shares == 0) {
      book->orders.erase(book->orders.begin() + static_cast<ptrdiff_t>(i));
    }
  }

  std::mt19937_64 random_{20240102};
  std::string out_;
  std::vector<Book> books_;
  uint64_t time_ns_ = 0;
  uint64_t refs_ = 0;
  uint64_t matches_ = 0;
  char state_ = 'T';
};

}  // namespace

std::string MakeSampleSession() { return Session().Make(); }

}  // namespace streamhub::itch
