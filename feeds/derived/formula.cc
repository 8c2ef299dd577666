#include "feeds/derived/formula.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "gateway/base/check.h"

namespace streamhub::derived {
namespace {

// The price that one gets for the rate `under` when the price above it is
// `over`, if it is on the `low` or the high side of the quotient. kEmpty if the
// rate is none.
int64_t RateFor(int64_t over, const Prices& under, bool low) {
  // The greater the rate, the nearer to 0 is the quotient.
  const bool use_ask = low == (over >= 0);
  const int64_t rate = use_ask ? under.ask : under.bid;
  return rate > 0 ? rate : kEmpty;
}

// The same for a product: the greater the rate, the farther from 0 it is.
int64_t FactorFor(int64_t first, const Prices& second, bool low) {
  return RateFor(first, second, !low);
}

}  // namespace

absl::StatusOr<Formula> Formula::Make(const Definition& d,
                                      std::span<const int> in, int decimals) {
  STREAMHUB_CHECK(in.size() == d.inputs.size() && !in.empty());
  Formula formula;
  formula.rounding_ = d.rounding;
  formula.has_quote_ =
      d.kind != Kind::kMid && !(d.kind == Kind::kSpread && in.size() == 1);
  bool fits = true;
  switch (d.kind) {
    case Kind::kMid:
      formula.form_ = Form::kMid;
      fits = formula.Shift(decimals - in[0], 2);
      break;
    case Kind::kCross:
      if (in.size() == 1) {
        formula.form_ = Form::kReciprocal;
        fits = formula.Shift(decimals + in[0], 1);
      } else if (d.operation == Operation::kDivide) {
        formula.form_ = Form::kQuotient;
        fits = formula.Shift(in[1] + decimals - in[0], 1);
      } else {
        formula.form_ = Form::kProduct;
        fits = formula.Shift(decimals - in[0] - in[1], 1);
      }
      break;
    case Kind::kSpread:
      if (in.size() == 1) {
        formula.form_ = Form::kWidth;
        fits = formula.Shift(decimals - in[0], 1);
        break;
      }
      [[fallthrough]];
    case Kind::kBasket: {
      formula.form_ = Form::kSum;
      int finest = 0;
      for (size_t i = 0; i < in.size(); ++i) {
        finest = std::max(finest, d.inputs[i].weight.decimals + in[i]);
      }
      for (size_t i = 0; i < in.size(); ++i) {
        const Decimal& weight = d.inputs[i].weight;
        const bool less = d.kind == Kind::kSpread && i == 1;
        Int128 scaled = 0;
        fits = fits &&
               Multiply(less ? -weight.value : weight.value,
                        PowerOfTen(finest - weight.decimals - in[i]), &scaled);
        formula.weights_.push_back(scaled);
      }
      fits = fits && formula.Shift(decimals + d.divisor.decimals - finest,
                                   d.divisor.value);
      break;
    }
  }
  if (fits) return formula;
  return absl::InvalidArgumentError(absl::StrCat(
      d.symbol,
      ": its weights, its divisor and the decimals of what it is made "
      "of differ too much to be computed exactly"));
}

bool Formula::Shift(int exponent, Int128 divisor) {
  if (exponent >= 0) {
    multiplier_ = PowerOfTen(exponent);
    divisor_ = divisor;
    return true;
  }
  return Multiply(divisor, PowerOfTen(-exponent), &divisor_);
}

Prices Formula::Compute(std::span<const Prices> inputs,
                        int64_t* too_big) const {
  Prices out;
  const auto set = [&](Side side, int64_t* price) {
    if (ComputeOne(inputs, side, price)) return;
    *price = kEmpty;
    ++*too_big;
  };
  set(Side::kLast, &out.last);
  if (!has_quote_) return out;
  set(Side::kBid, &out.bid);
  set(Side::kAsk, &out.ask);
  return out;
}

bool Formula::ComputeOne(std::span<const Prices> inputs, Side side,
                         int64_t* price) const {
  *price = kEmpty;
  const Prices& a = inputs[0];
  const bool low = side == Side::kBid;
  const int64_t first = side == Side::kLast ? a.last : low ? a.bid : a.ask;
  switch (form_) {
    case Form::kMid:
      if (a.bid == kEmpty || a.ask == kEmpty) return true;
      return Finish(Int128{a.bid} + a.ask, price);
    case Form::kWidth:
      if (a.bid == kEmpty || a.ask == kEmpty) return true;
      return Finish(Int128{a.ask} - a.bid, price);
    case Form::kSum:
      return Sum(inputs, side, price);
    case Form::kReciprocal:
      return Quotient(1, side == Side::kLast ? a.last : RateFor(1, a, low),
                      price);
    case Form::kQuotient:
      if (first == kEmpty) return true;
      return Quotient(
          first,
          side == Side::kLast ? inputs[1].last : RateFor(first, inputs[1], low),
          price);
    case Form::kProduct:
      if (first == kEmpty) return true;
      return Product(first,
                     side == Side::kLast ? inputs[1].last
                                         : FactorFor(first, inputs[1], low),
                     price);
  }
  return true;
}

bool Formula::Sum(std::span<const Prices> inputs, Side side,
                  int64_t* price) const {
  Int128 sum = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Prices& in = inputs[i];
    const bool sold = (side == Side::kBid) == (weights_[i] > 0);
    const int64_t value = side == Side::kLast ? in.last
                          : sold              ? in.bid
                                              : in.ask;
    if (value == kEmpty) return true;
    Int128 part = 0;
    if (!Multiply(weights_[i], value, &part) || !Add(sum, part, &sum)) {
      return false;
    }
  }
  return Finish(sum, price);
}

bool Formula::Quotient(int64_t over, int64_t under, int64_t* price) const {
  if (under == kEmpty || under == 0) return true;
  // Where this does not fit neither does the quotient, which has 64 bits less.
  Int128 n = 0, d = 0;
  return Multiply(over, multiplier_, &n) && Multiply(under, divisor_, &d) &&
         Divide(n, d, rounding_, price);
}

bool Formula::Product(int64_t first, int64_t second, int64_t* price) const {
  if (second == kEmpty) return true;
  return Finish(Int128{first} * second, price);
}

bool Formula::Finish(Int128 n, int64_t* price) const {
  Int128 scaled = 0;
  return Multiply(n, multiplier_, &scaled) &&
         Divide(scaled, divisor_, rounding_, price);
}

}  // namespace streamhub::derived
