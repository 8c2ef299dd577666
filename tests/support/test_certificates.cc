#include "tests/support/test_certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

namespace fs = std::filesystem;

constexpr long kDaySeconds = 24 * 3600;

std::string Pem(const std::function<int(BIO*)>& write) {
  BIO* const out = BIO_new(BIO_s_mem());
  STREAMHUB_CHECK(write(out) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<size_t>(size));
  BIO_free(out);
  return pem;
}

std::string PemOf(x509_st* certificate) {
  return Pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
}

void Extend(X509* certificate, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, &context, what, value);
  STREAMHUB_CHECK(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

void TestCertificates::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}
void TestCertificates::Free::operator()(x509_st* certificate) const {
  X509_free(certificate);
}

TestCertificates::TestCertificates() {
  folder_ = (fs::temp_directory_path() / "streamhub_XXXXXX").string();
  STREAMHUB_CHECK(mkdtemp(folder_.data()) != nullptr);
  authority_key_.reset(EVP_EC_gen("P-256"));
  // No two have a name in common: it is by their names that they are sought.
  authority_ = Make("authority of " + fs::path(folder_).filename().string(), 30,
                    authority_key_.get(), true);
  authority_file_ = Write("authority.pem", PemOf(authority_.get()));
}

TestCertificates::~TestCertificates() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string TestCertificates::Write(std::string_view name,
                                    std::string_view content) const {
  const fs::path path = fs::path(folder_) / name;
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

TestCertificates::Files TestCertificates::Issue(std::string_view name,
                                                int days) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate made = Make(name, days, key.get(), false);
  const std::string stem = std::to_string(serial_);
  return {Write(stem + ".pem", PemOf(made.get())),
          Write(stem + ".key", Pem([&](BIO* out) {
                  return PEM_write_bio_PrivateKey(out, key.get(), nullptr,
                                                  nullptr, 0, nullptr, nullptr);
                }))};
}

TestCertificates::Certificate TestCertificates::Make(std::string_view name,
                                                     int days, evp_pkey_st* key,
                                                     bool authority) {
  Certificate made(X509_new());
  X509* const x = made.get();
  STREAMHUB_CHECK(x != nullptr && key != nullptr);
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(x), ++serial_);
  X509_gmtime_adj(X509_getm_notBefore(x), -100 * kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(x), days * kDaySeconds);
  X509_set_pubkey(x, key);
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(x), "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(name.data()),
      static_cast<int>(name.size()), -1, 0);
  X509_set_issuer_name(x,
                       X509_get_subject_name(authority ? x : authority_.get()));
  if (authority) {
    Extend(x, NID_basic_constraints, "critical,CA:TRUE");
    Extend(x, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    Extend(x, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    Extend(x, NID_ext_key_usage, "serverAuth,clientAuth");
  }
  STREAMHUB_CHECK(
      X509_sign(x, authority ? key : authority_key_.get(), EVP_sha256()) > 0);
  return made;
}

}  // namespace streamhub
