// FlatBuffers that stand behind one another, as README.md has it: what those
// share who write and read them. For sources only: it brings all of FlatBuffers
// along. Pure; any thread.

#ifndef STREAMHUB_SCHEMAS_FLAT_FRAME_H_
#define STREAMHUB_SCHEMAS_FLAT_FRAME_H_

#include <flatbuffers/flatbuffers.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace streamhub {

inline constexpr size_t kFlatAlign = 8;
inline constexpr size_t kFlatPrefix = sizeof(flatbuffers::uoffset_t);

// Finishes the buffer in `builder` with that root, appends it to `out`, and
// clears the builder.
template <typename T>
void AppendFlat(flatbuffers::FlatBufferBuilder& builder,
                flatbuffers::Offset<T> root, std::string* out) {
  builder.FinishSizePrefixed(root);
  const size_t padding =
      (kFlatAlign - builder.GetSize() % kFlatAlign) % kFlatAlign;
  flatbuffers::WriteScalar(
      builder.GetBufferPointer(),
      static_cast<uint32_t>(builder.GetSize() - kFlatPrefix + padding));
  out->append(reinterpret_cast<const char*>(builder.GetBufferPointer()),
              builder.GetSize());
  out->append(padding, '\0');
  builder.Clear();
}

// What the first size of `bytes`, which are 4 or more, promises: how many bytes
// its FlatBuffer has, the size included. There may be fewer.
inline size_t FlatSize(std::string_view bytes) {
  return kFlatPrefix +
         flatbuffers::ReadScalar<flatbuffers::uoffset_t>(bytes.data());
}

inline std::string_view FlatView(const flatbuffers::String* text) {
  if (text == nullptr) return {};
  return {text->c_str(), text->size()};
}

// The verifier does not look at how elements of a vector are aligned.
template <typename T>
T FlatElement(const flatbuffers::Vector<T>& vector, size_t i) {
  return flatbuffers::ReadScalar<T>(vector.Data() + i * sizeof(T));
}

}  // namespace streamhub

#endif  // STREAMHUB_SCHEMAS_FLAT_FRAME_H_
