// What operators say to take values back from clients, and to give them again:
//
//   POST /admin/withdraw  {"symbol":"AAPL","reason":"bad tick"}
//   POST /admin/restore   {"symbol":"AAPL"}
//   GET  /admin/withdrawn
//
// `symbol` is a code, a beginning with "*" behind it, or "*": everything. A
// restore lifts what was withdrawn by the same words; what another withdrawal
// is still of stays. docs/operations.md has the answers. Everything is audited.
//
// Admin thread. It keeps the list; every shard gets it whole, on its own
// thread, and the answer waits until they have it, 2 s at most: one that is
// late gets it as soon as it can.

#ifndef STREAMHUB_GATEWAY_SERVER_WITHDRAW_ADMIN_H_
#define STREAMHUB_GATEWAY_SERVER_WITHDRAW_ADMIN_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/market/market.h"
#include "gateway/market/withdrawals.h"
#include "gateway/server/admin_route.h"
#include "gateway/server/ask_shards.h"

namespace streamhub {

class WithdrawAdmin {
 public:
  static constexpr size_t kListMax = 1000;
  static constexpr size_t kReasonBytesMax = 500;

  // `doors`: as for AskShards(), `markets.size()` of them per shard. Markets
  // and clock outlive it.
  WithdrawAdmin(std::vector<ShardDoor> doors,
                std::vector<const Market*> markets, const Clock& clock);

  // It outlives them.
  std::vector<AdminRoute> Routes();

  // The list as it is now, as a JSON array.
  void AppendList(std::string* out) const;

 private:
  AdminAnswer Withdraw(const AdminRequest& request);
  AdminAnswer Restore(const AdminRequest& request);
  AdminAnswer Hand(std::shared_ptr<Withdrawals> next);
  size_t SymbolsNow() const;

  const std::vector<ShardDoor> doors_;
  const std::vector<const Market*> markets_;
  const Clock& clock_;
  std::shared_ptr<const Withdrawals> now_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_WITHDRAW_ADMIN_H_
