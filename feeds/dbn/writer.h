// Structs of messages.h and metadata.h -> DBN bytes of versions 1 to 3: the
// inverse of stream_reader.h and decoder.h, for samples and tests. Any thread.

#ifndef STREAMHUB_FEEDS_DBN_WRITER_H_
#define STREAMHUB_FEEDS_DBN_WRITER_H_

#include <string>

#include "feeds/dbn/decoder.h"
#include "feeds/dbn/messages.h"
#include "feeds/dbn/metadata.h"

namespace streamhub::dbn {

// Appends the prelude and the metadata, of `metadata.version`; from version 3
// on padded to a multiple of 8 bytes. A symbol that is too long is cut.
void Append(const Metadata& metadata, std::string* out);

// Append a record in that form; `head.rtype` is written where several types
// share a struct (bars, bbo, cmbp), else the struct says the type. What a
// struct leaves out of its record is zero. `ts_out` is written as 1.
void Append(const Mbo& record, const Form& form, std::string* out);
void Append(const Trade& record, const Form& form, std::string* out);
void Append(const Mbp1& record, const Form& form, std::string* out);
void Append(const Mbp10& record, const Form& form, std::string* out);
void Append(const Cmbp1& record, const Form& form, std::string* out);
void Append(const Bbo& record, const Form& form, std::string* out);
void Append(const Ohlcv& record, const Form& form, std::string* out);
void Append(const Status& record, const Form& form, std::string* out);
void Append(const Definition& record, const Form& form, std::string* out);
void Append(const Statistics& record, const Form& form, std::string* out);
void Append(const SymbolMapping& record, const Form& form, std::string* out);
void Append(const SystemMessage& record, const Form& form, std::string* out);
void Append(const ErrorMessage& record, const Form& form, std::string* out);

// A record of a type that the decoder does not know, `bytes` in size: a
// multiple of 4 from 16 to 1020.
void AppendUnknown(const Head& head, size_t bytes, std::string* out);

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_WRITER_H_
