#include "server/base/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tuco::base {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST(MetricsTest, CounterShowsWhatWasCountedUnderItsLabels) {
  Metrics metrics;
  Counter& accepted =
      metrics.GetCounter("answers_total", "Answers.", {{"code", "200"}});
  metrics.GetCounter("answers_total", "Answers.", {{"code", "401"}});
  accepted.Increment();
  accepted.Increment(2);
  EXPECT_THAT(metrics.Scrape(),
              AllOf(HasSubstr("# HELP answers_total Answers.\n"),
                    HasSubstr("# TYPE answers_total counter\n"),
                    HasSubstr("answers_total{code=\"200\"} 3\n"),
                    HasSubstr("answers_total{code=\"401\"} 0\n")));
}

TEST(MetricsTest, SameNameAndLabelsAreTheSameCounter) {
  Metrics metrics;
  Counter& one = metrics.GetCounter("a_total", "A.", {{"x", "1"}, {"y", "2"}});
  Counter& two = metrics.GetCounter("a_total", "A.", {{"y", "2"}, {"x", "1"}});
  EXPECT_EQ(&one, &two);
  EXPECT_NE(&one, &metrics.GetCounter("a_total", "A.", {{"x", "1"}}));
}

TEST(MetricsTest, CountsFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      Counter& counter = metrics.GetCounter("a_total", "A.");
      for (int n = 0; n < 1000; ++n) counter.Increment();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Scrape(), HasSubstr("a_total 4000\n"));
}

TEST(MetricsTest, HistogramCountsHowLargeValuesAre) {
  Metrics metrics;
  Histogram& waits = metrics.AddHistogram("wait_seconds", "Waits.", {0.1, 1});
  for (const double wait : {0.05, 0.1, 0.5, 2.0}) waits.Observe(wait);
  EXPECT_THAT(metrics.Scrape(),
              AllOf(HasSubstr("# TYPE wait_seconds histogram\n"),
                    HasSubstr("wait_seconds_bucket{le=\"0.1\"} 2\n"),
                    HasSubstr("wait_seconds_bucket{le=\"1\"} 3\n"),
                    HasSubstr("wait_seconds_bucket{le=\"+Inf\"} 4\n"),
                    HasSubstr("wait_seconds_count 4\n"),
                    HasSubstr("wait_seconds_sum 2.65\n")));
}

TEST(MetricsTest, GaugeIsAskedAtEachScrape) {
  Metrics metrics;
  double depth = 7;
  metrics.AddGauge("queue_depth", "Depth.", [&depth] { return depth; });
  EXPECT_THAT(metrics.Scrape(), HasSubstr("\nqueue_depth 7\n"));
  depth = 8;
  EXPECT_THAT(metrics.Scrape(), HasSubstr("\nqueue_depth 8\n"));
}

TEST(MetricsTest, GaugesOfOneNameShareTheirHeader) {
  Metrics metrics;
  metrics.AddGauge("depth", "Depth.", [] { return 1.0; }, {{"queue", "a"}});
  metrics.AddGauge("depth", "Depth.", [] { return 2.0; }, {{"queue", "b"}});
  const std::string text = metrics.Scrape();
  EXPECT_EQ(text.find("# TYPE depth"), text.rfind("# TYPE depth"));
  EXPECT_THAT(text, AllOf(HasSubstr("depth{queue=\"a\"} 1\n"),
                          HasSubstr("depth{queue=\"b\"} 2\n")));
}

TEST(MetricsTest, TellsOfTheProcess) {
  const std::string text = Metrics().Scrape();
  EXPECT_THAT(text,
              ContainsRegex("\nprocess_resident_memory_bytes [1-9][0-9.e+]+"));
  EXPECT_THAT(text, ContainsRegex("\nprocess_open_fds [1-9]"));
  EXPECT_THAT(text, ContainsRegex("\nprocess_start_time_seconds 1[0-9.e+]+"));
  EXPECT_THAT(text, AllOf(HasSubstr("# TYPE process_cpu_seconds_total counter"),
                          HasSubstr("\nprocess_cpu_seconds_total ")));
}

TEST(MetricsTest, NamesAreOurBusiness) {
  Metrics metrics;
  EXPECT_DEATH(metrics.GetCounter("has-dash", "A."), "has-dash");
  EXPECT_DEATH(metrics.GetCounter("9_total", "A."), "9_total");
  EXPECT_DEATH(metrics.AddGauge("a", "A.", [] { return 0.0; }, {{"__b", ""}}),
               "metric a ");
}

}  // namespace
}  // namespace tuco::base
