#include "gateway/codec/batch.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhub {
namespace {

void Append(std::string object, BatchWriter* batch) {
  batch->BeginObject();
  batch->out() += object;
  batch->EndObject();
}

TEST(BatchWriterTest, LinesStandBetweenObjects) {
  BatchWriter batch;
  batch.Begin(Envelope::kLines);
  Append("{1}", &batch);
  EXPECT_EQ(batch.out().substr(kBatchHeadroom), "{1}");
  Append("{2}", &batch);
  EXPECT_EQ(batch.out().substr(kBatchHeadroom), "{1}\n{2}");
}

TEST(BatchWriterTest, AnEventEndsWithAnEmptyLine) {
  BatchWriter batch;
  batch.Begin(Envelope::kSse);
  Append("{1}", &batch);
  Append("{2}", &batch);
  EXPECT_EQ(batch.out().substr(kBatchHeadroom), "data: {1}\n\ndata: {2}\n\n");
}

TEST(BatchWriterTest, TheHeadroomIsThereAndDoesNotCount) {
  BatchWriter batch;
  batch.Begin(Envelope::kLines);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.size(), 0u);
  EXPECT_EQ(batch.out().size(), kBatchHeadroom);
  Append("{1}", &batch);
  EXPECT_FALSE(batch.empty());
  EXPECT_EQ(batch.size(), 3u);
}

TEST(BatchWriterTest, BeginForgetsTheLastBatch) {
  BatchWriter batch;
  batch.Begin(Envelope::kSse);
  Append("{1}", &batch);
  batch.Begin(Envelope::kLines);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.envelope(), Envelope::kLines);
  Append("{2}", &batch);
  EXPECT_EQ(batch.out().substr(kBatchHeadroom), "{2}");
}

}  // namespace
}  // namespace streamhub
