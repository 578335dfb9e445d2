// Counters, gauges, histograms and their Prometheus text form.
//
// A thin seam over prometheus-cpp, so that the layers that count do not
// include it. Handles are made once, at start, and are cheap to use from any
// thread; label values come from sets with a limit only, never from events.

#ifndef TUCO_SERVER_BASE_METRICS_H_
#define TUCO_SERVER_BASE_METRICS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tuco::base {

// A number that only grows. Safe for concurrent use.
class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Increment(double by) = 0;
  void Increment() { Increment(1); }
};

// How often values were how large. Safe for concurrent use.
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

// One label of a metric and its value.
struct Label {
  std::string name;
  std::string value;
};

// A value of a metric that has several, told apart by labels.
struct Sample {
  std::vector<Label> labels;
  double value = 0;
};

// Gauges of one name, or counters that are kept elsewhere.
struct GaugeFamily {
  std::string name;
  std::string help;
  std::vector<Sample> samples;
  bool only_grows = false;  // They are counters.
};

// Owns every metric of the process. Safe for concurrent use.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The counter of that name and those labels; the same one for the same
  // arguments. Lives as long as this object.
  Counter& GetCounter(const std::string& name, const std::string& help,
                      const std::vector<Label>& labels = {});

  // The histogram of that name, which nobody else has asked for; `bounds` are
  // the largest values of its buckets, ascending. Lives as long as this object.
  Histogram& AddHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& bounds);

  // A gauge whose value is asked for at each scrape, on the scraping thread.
  void AddGauge(const std::string& name, const std::string& help,
                std::function<double()> value,
                const std::vector<Label>& labels = {});

  // A counter that is kept elsewhere; likewise.
  void AddCounter(const std::string& name, const std::string& help,
                  std::function<double()> value);

  // Gauges and counters whose labels are known at each scrape only; likewise.
  // Their names are those of no other metric.
  using MakeGauges = std::function<std::vector<GaugeFamily>()>;
  void AddGauges(MakeGauges make);

  // Everything in Prometheus' text format 0.0.4, the process's own CPU time,
  // resident memory, open descriptors and start time included.
  std::string Scrape() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_METRICS_H_
