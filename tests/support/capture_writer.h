// Makes captures for tests, pcap and pcapng in all the forms that
// feeds/packets/capture_reader.h reads.

#ifndef STREAMHUB_TESTS_SUPPORT_CAPTURE_WRITER_H_
#define STREAMHUB_TESTS_SUPPORT_CAPTURE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace streamhub::packets {

class CaptureWriter {
 public:
  struct Form {
    bool pcapng = false;
    bool nanoseconds = true;
    bool big_endian = false;
    bool long_heads = false;  // of the pcap variant with such records
    uint32_t link = 1;        // LINKTYPE_ETHERNET
    uint32_t snap_bytes = 65535;
  };

  CaptureWriter() : CaptureWriter(Form()) {}
  explicit CaptureWriter(const Form& form);

  // A packet of which all was captured, or that had `wire_bytes`.
  void Add(int64_t time_ns, std::string_view frame, size_t wire_bytes = 0);

  // Of a pcapng: a block that is no packet.
  void AddBlock(uint32_t type, std::string_view body);

  // All of it so far.
  const std::string& bytes() const { return bytes_; }

 private:
  void Append(uint64_t value, size_t bytes, std::string* out) const;

  const Form form_;
  std::string bytes_;
};

}  // namespace streamhub::packets

#endif  // STREAMHUB_TESTS_SUPPORT_CAPTURE_WRITER_H_
