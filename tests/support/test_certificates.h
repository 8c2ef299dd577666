// Certificates and keys for tests, made when they are asked for: an authority
// and what it has signed, as PEM files in a folder that goes with the object.
// One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_TEST_CERTIFICATES_H_
#define STREAMHUB_TESTS_SUPPORT_TEST_CERTIFICATES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;
struct x509_st;

namespace streamhub {

class TestCertificates {
 public:
  struct Files {
    std::string certificate;
    std::string key;
  };

  TestCertificates();
  ~TestCertificates();
  TestCertificates(const TestCertificates&) = delete;

  // A certificate of that common name, signed by the authority, good for
  // "localhost" and 127.0.0.1; `days` from now, of the past if negative.
  Files Issue(std::string_view name, int days = 30);

  // That of the authority.
  const std::string& authority() const { return authority_file_; }

  // A file of that name and content in the folder; its path.
  std::string Write(std::string_view name, std::string_view content) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
    void operator()(x509_st* certificate) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, Free>;
  using Certificate = std::unique_ptr<x509_st, Free>;

  Certificate Make(std::string_view name, int days, evp_pkey_st* key,
                   bool authority);

  std::string folder_;
  Key authority_key_;
  Certificate authority_;
  std::string authority_file_;
  int64_t serial_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_TEST_CERTIFICATES_H_
