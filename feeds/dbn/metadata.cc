#include "feeds/dbn/metadata.h"

#include <absl/strings/str_cat.h>

#include <string_view>
#include <utility>

#include "feeds/dbn/layout.h"
#include "feeds/dbn/little_endian.h"
#include "gateway/base/strings.h"

namespace streamhub::dbn {
namespace {

constexpr size_t kDatasetBytes = 16;
constexpr size_t kReservedBytesV1 = 47;
constexpr size_t kReservedBytes = 53;
constexpr uint16_t kNoSchema = 0xFFFF;

// Shorter ones would let a few bytes claim many symbols.
constexpr uint16_t kSymbolBytesMin = 16;
constexpr uint16_t kSymbolBytesMax = 1024;

// Reads on as long as nothing was wrong; then all it gives is empty.
class Cursor {
 public:
  explicit Cursor(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  template <typename T>
  T Int(std::string_view what) {
    const uint8_t* const at = Take(sizeof(T), what);
    return at == nullptr ? T{0} : Load<T>(at);
  }

  std::string TextOf(size_t bytes, std::string_view what) {
    const uint8_t* const at = Take(bytes, what);
    return at == nullptr ? std::string() : std::string(LoadText(at, bytes));
  }

  void Skip(size_t bytes, std::string_view what) { Take(bytes, what); }

  // Of things of at least `bytes` each: what cannot be there is not believed.
  uint32_t Count(size_t bytes, std::string_view what) {
    const size_t at = at_;
    const auto count = Int<uint32_t>(what);
    if (count <= (bytes_.size() - at_) / bytes) return count;
    Fail(at, absl::StrCat(count, " ", ToAbsl(what), " of ", bytes,
                          " bytes or more, with ", bytes_.size() - at_,
                          " bytes left"));
    return 0;
  }

  void Fail(size_t at, const std::string& what) {
    if (!status_.ok()) return;
    status_ = absl::DataLossError(
        absl::StrCat("at byte ", kPreludeBytes + at, ": metadata: ", what));
  }

  bool ok() const { return status_.ok(); }
  const absl::Status& status() const { return status_; }
  size_t at() const { return at_; }

 private:
  const uint8_t* Take(size_t bytes, std::string_view what) {
    if (!ok()) return nullptr;
    if (bytes > bytes_.size() - at_) {
      Fail(at_, absl::StrCat("ends within ", ToAbsl(what)));
      return nullptr;
    }
    const uint8_t* const at = bytes_.data() + at_;
    at_ += bytes;
    return at;
  }

  const std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  absl::Status status_;
};

std::vector<std::string> ReadSymbols(Cursor& cursor, size_t bytes,
                                     std::string_view what) {
  std::vector<std::string> symbols(cursor.Count(bytes, what));
  for (std::string& symbol : symbols) symbol = cursor.TextOf(bytes, what);
  return symbols;
}

std::vector<Mapping> ReadMappings(Cursor& cursor, size_t bytes) {
  constexpr size_t kCount = sizeof(uint32_t);
  constexpr size_t kDates = 2 * sizeof(uint32_t);
  std::vector<Mapping> mappings(cursor.Count(bytes + kCount, "mappings"));
  for (Mapping& mapping : mappings) {
    mapping.raw_symbol = cursor.TextOf(bytes, "a mapping");
    mapping.intervals.resize(cursor.Count(bytes + kDates, "intervals"));
    for (Mapping::Interval& interval : mapping.intervals) {
      interval.start = cursor.Int<uint32_t>("an interval");
      interval.end = cursor.Int<uint32_t>("an interval");
      interval.symbol = cursor.TextOf(bytes, "an interval");
    }
    if (!cursor.ok()) break;
  }
  return mappings;
}

}  // namespace

absl::StatusOr<Metadata> ParseMetadata(int version,
                                       std::span<const uint8_t> bytes) {
  Cursor cursor(bytes);
  Metadata m;
  m.version = version;
  m.dataset = cursor.TextOf(kDatasetBytes, "the dataset");
  const auto schema = cursor.Int<uint16_t>("the schema");
  if (schema != kNoSchema) m.schema = schema;
  m.start = cursor.Int<uint64_t>("the start");
  m.end = cursor.Int<uint64_t>("the end");
  m.limit = cursor.Int<uint64_t>("the limit");
  if (version == 1) m.record_count = cursor.Int<uint64_t>("the record count");
  m.stype_in = cursor.Int<uint8_t>("stype_in");
  m.stype_out = cursor.Int<uint8_t>("stype_out");
  m.ts_out = cursor.Int<uint8_t>("ts_out") != 0;
  m.symbol_bytes = static_cast<uint16_t>(SymbolBytes(version));
  if (version > 1) {
    const size_t at = cursor.at();
    m.symbol_bytes = cursor.Int<uint16_t>("the symbols' length");
    if (cursor.ok() && (m.symbol_bytes < kSymbolBytesMin ||
                        m.symbol_bytes > kSymbolBytesMax)) {
      cursor.Fail(at,
                  absl::StrCat("symbols of ", m.symbol_bytes, " bytes, want ",
                               kSymbolBytesMin, " to ", kSymbolBytesMax));
    }
  }
  if (!cursor.ok()) return cursor.status();
  cursor.Skip(version == 1 ? kReservedBytesV1 : kReservedBytes,
              "what is reserved");
  cursor.Skip(cursor.Count(1, "bytes of a schema definition"),
              "the schema definition");
  m.symbols = ReadSymbols(cursor, m.symbol_bytes, "symbols");
  m.partial = ReadSymbols(cursor, m.symbol_bytes, "partial symbols");
  m.not_found = ReadSymbols(cursor, m.symbol_bytes, "symbols not found");
  m.mappings = ReadMappings(cursor, m.symbol_bytes);
  if (!cursor.ok()) return cursor.status();
  return m;
}

}  // namespace streamhub::dbn
