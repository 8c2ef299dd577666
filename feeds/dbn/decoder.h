// Bytes of one DBN record -> its struct (specification "Databento Binary
// Encoding", versions 1 to 3). Pure: no state, no allocation, never reads
// outside the bytes it is given, whatever they are. Any thread.
//
// A record has exactly the size that its type has in the stream's version, and
// 8 bytes more if the stream's metadata say `ts_out`. Values are not judged
// here: an action or a side that is not known is for the handler to leave out.

#ifndef STREAMHUB_FEEDS_DBN_DECODER_H_
#define STREAMHUB_FEEDS_DBN_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "feeds/dbn/little_endian.h"
#include "feeds/dbn/messages.h"
#include "feeds/dbn/metadata.h"

namespace streamhub::dbn {

// Every record starts with length, type, publisher, instrument and time.
inline constexpr size_t kHeadBytes = 16;

// What of the metadata says how records are laid out.
struct Form {
  int version = 3;
  bool ts_out = false;
};
inline Form FormOf(const Metadata& metadata) {
  return {metadata.version, metadata.ts_out};
}

// The size of a record of `rtype` without `ts_out`; 0 if this decoder does not
// decode such records.
size_t RecordBytes(uint8_t rtype, int version);

enum class Decoded {
  kHandled,  // the handler got it
  kSkipped,  // a type that RecordBytes() does not know
  kBadSize,  // not the size of its type
};

// The schema that has such records, "mbo"; "type 99" where none is known.
std::string NameOfType(uint8_t rtype);

// In words, for an error: "a record of type 160 has 52 bytes, want 56".
std::string DescribeBadSize(std::span<const uint8_t> record, const Form& form);

// Of any record of at least kHeadBytes.
inline uint8_t TypeOf(std::span<const uint8_t> record) { return record[1]; }

// By which a file is in order: when the record was captured, or the time of the
// venue where it does not say that. kUndefinedTime if it says neither.
uint64_t IndexNsOf(std::span<const uint8_t> record);

// Calls `handler.On(const T&)` with the T of messages.h. Without kHandled the
// handler was not called.
template <typename Handler>
Decoded Decode(std::span<const uint8_t> record, const Form& form,
               Handler& handler);

// --- implementation ---

namespace internal {

inline Head ReadHead(const uint8_t* r) {
  return {r[1], Load<uint16_t>(r + 2), Load<uint32_t>(r + 4),
          Load<uint64_t>(r + 8)};
}

inline Mbo ReadMbo(const uint8_t* r) {
  return {ReadHead(r),
          Load<uint64_t>(r + 16),
          Load<int64_t>(r + 24),
          Load<uint32_t>(r + 32),
          r[36],
          r[37],
          static_cast<char>(r[38]),
          static_cast<char>(r[39]),
          Load<uint64_t>(r + 40),
          Load<int32_t>(r + 48),
          Load<uint32_t>(r + 52)};
}

inline Trade ReadTrade(const uint8_t* r) {
  return {ReadHead(r),
          Load<int64_t>(r + 16),
          Load<uint32_t>(r + 24),
          static_cast<char>(r[28]),
          static_cast<char>(r[29]),
          r[30],
          r[31],
          Load<uint64_t>(r + 32),
          Load<int32_t>(r + 40),
          Load<uint32_t>(r + 44)};
}

inline BidAsk ReadLevel(const uint8_t* r) {
  return {Load<int64_t>(r),       Load<int64_t>(r + 8),
          Load<uint32_t>(r + 16), Load<uint32_t>(r + 20),
          Load<uint32_t>(r + 24), Load<uint32_t>(r + 28)};
}

template <size_t kLevels>
Mbp<kLevels> ReadMbp(const uint8_t* r) {
  Mbp<kLevels> mbp{ReadTrade(r), {}};
  for (size_t i = 0; i < kLevels; ++i) {
    mbp.levels[i] = ReadLevel(r + 48 + 32 * i);
  }
  return mbp;
}

Cmbp1 ReadCmbp1(const uint8_t* r);
Bbo ReadBbo(const uint8_t* r);
Ohlcv ReadOhlcv(const uint8_t* r);
Status ReadStatus(const uint8_t* r);
Definition ReadDefinition(const uint8_t* r, int version);
Statistics ReadStatistics(const uint8_t* r, int version);
SymbolMapping ReadMapping(const uint8_t* r, int version);
SystemMessage ReadSystem(const uint8_t* r, int version);
ErrorMessage ReadError(const uint8_t* r, int version);

}  // namespace internal

template <typename Handler>
Decoded Decode(std::span<const uint8_t> record, const Form& form,
               Handler& handler) {
  if (record.size() < kHeadBytes) return Decoded::kBadSize;
  const uint8_t* const r = record.data();
  const size_t size = RecordBytes(r[1], form.version);
  if (size == 0) return Decoded::kSkipped;
  if (record.size() != size + (form.ts_out ? sizeof(uint64_t) : 0)) {
    return Decoded::kBadSize;
  }
  switch (r[1]) {
    case kMboType:
      handler.On(internal::ReadMbo(r));
      break;
    case kTradeType:
      handler.On(internal::ReadTrade(r));
      break;
    case kMbp1Type:
      handler.On(internal::ReadMbp<1>(r));
      break;
    case kMbp10Type:
      handler.On(internal::ReadMbp<10>(r));
      break;
    case kCmbp1Type:
    case kTcbboType:
      handler.On(internal::ReadCmbp1(r));
      break;
    case kBbo1SType:
    case kBbo1MType:
      handler.On(internal::ReadBbo(r));
      break;
    case kStatusType:
      handler.On(internal::ReadStatus(r));
      break;
    case kDefinitionType:
      handler.On(internal::ReadDefinition(r, form.version));
      break;
    case kStatisticsType:
      handler.On(internal::ReadStatistics(r, form.version));
      break;
    case kMappingType:
      handler.On(internal::ReadMapping(r, form.version));
      break;
    case kSystemType:
      handler.On(internal::ReadSystem(r, form.version));
      break;
    case kErrorType:
      handler.On(internal::ReadError(r, form.version));
      break;
    default:  // RecordBytes() knows no others
      handler.On(internal::ReadOhlcv(r));
      break;
  }
  return Decoded::kHandled;
}

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_DECODER_H_
