#include "tests/support/capture_writer.h"

#include <algorithm>

namespace streamhub::packets {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

void Pad(std::string* out) {
  while (out->size() % 4 != 0) out->push_back('\0');
}

}  // namespace

CaptureWriter::CaptureWriter(const Form& form) : form_(form) {
  if (!form.pcapng) {
    const uint32_t magic = form.long_heads    ? 0xA1B2CD34
                           : form.nanoseconds ? 0xA1B23C4D
                                              : 0xA1B2C3D4;
    Append(magic, 4, &bytes_);
    Append(2, 2, &bytes_);  // version 2.4
    Append(4, 2, &bytes_);
    Append(0, 8, &bytes_);
    Append(form.snap_bytes, 4, &bytes_);
    Append(form.link, 4, &bytes_);
    return;
  }
  std::string section;
  Append(0x1A2B3C4D, 4, &section);
  Append(1, 2, &section);  // version 1.0
  Append(0, 2, &section);
  Append(~uint64_t{0}, 8, &section);  // its length is not known
  AddBlock(0x0A0D0D0A, section);
  std::string interface;
  Append(form.link, 2, &interface);
  Append(0, 2, &interface);
  Append(form.snap_bytes, 4, &interface);
  if (form.nanoseconds) {
    Append(9, 2, &interface);  // if_tsresol, 10^-9
    Append(1, 2, &interface);
    interface.push_back('\x09');
    Pad(&interface);
    Append(0, 4, &interface);  // the end of the options
  }
  AddBlock(1, interface);
}

void CaptureWriter::Add(int64_t time_ns, std::string_view frame,
                        size_t wire_bytes) {
  const int64_t unit_ns = form_.nanoseconds ? 1 : 1000;
  const size_t wire = std::max(frame.size(), wire_bytes);
  if (form_.pcapng) {
    std::string packet;
    const auto time = static_cast<uint64_t>(time_ns / unit_ns);
    Append(0, 4, &packet);  // the interface
    Append(time >> 32, 4, &packet);
    Append(time & 0xFFFFFFFF, 4, &packet);
    Append(frame.size(), 4, &packet);
    Append(wire, 4, &packet);
    packet += frame;
    Pad(&packet);
    AddBlock(6, packet);
    return;
  }
  Append(static_cast<uint64_t>(time_ns / kSecondNs), 4, &bytes_);
  Append(static_cast<uint64_t>(time_ns % kSecondNs / unit_ns), 4, &bytes_);
  Append(frame.size(), 4, &bytes_);
  Append(wire, 4, &bytes_);
  if (form_.long_heads) Append(0, 8, &bytes_);
  bytes_ += frame;
}

void CaptureWriter::AddBlock(uint32_t type, std::string_view body) {
  const size_t size = 12 + body.size();
  Append(type, 4, &bytes_);
  Append(size, 4, &bytes_);
  bytes_ += body;
  Append(size, 4, &bytes_);
}

void CaptureWriter::Append(uint64_t value, size_t bytes,
                           std::string* out) const {
  for (size_t i = 0; i < bytes; ++i) {
    const size_t place = form_.big_endian ? bytes - 1 - i : i;
    out->push_back(static_cast<char>(value >> (8 * place) & 0xFF));
  }
}

}  // namespace streamhub::packets
