#include "server/base/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "server/base/process_metrics.h"

namespace tuco::base {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// What both metrics and labels may be called; colons are for recording rules.
bool IsName(std::string_view name) {
  return !name.empty() && IsLetter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return IsLetter(c) || (c >= '0' && c <= '9');
         });
}

// Names come from our code only, so a wrong one is a bug of ours.
void CheckNames(const std::string& name, const std::vector<Label>& labels) {
  bool good = IsName(name);
  for (const Label& label : labels) {
    good = good && IsName(label.name) && !label.name.starts_with("__");
  }
  if (good) return;
  std::fprintf(stderr,
               "metric %s has a name or label that Prometheus forbids\n",
               name.c_str());
  std::abort();
}

prometheus::Labels ToMap(const std::vector<Label>& labels) {
  prometheus::Labels map;
  for (const Label& label : labels) map.emplace(label.name, label.value);
  return map;
}

class RegisteredCounter final : public Counter {
 public:
  explicit RegisteredCounter(prometheus::Counter& counter)
      : counter_(counter) {}
  void Increment(double by) override { counter_.Increment(by); }

 private:
  prometheus::Counter& counter_;
};

class RegisteredHistogram final : public Histogram {
 public:
  explicit RegisteredHistogram(prometheus::Histogram& histogram)
      : histogram_(histogram) {}
  void Observe(double value) override { histogram_.Observe(value); }

 private:
  prometheus::Histogram& histogram_;
};

prometheus::ClientMetric ToMetric(const std::vector<Label>& labels,
                                  prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  for (const Label& label : labels) {
    metric.label.push_back({label.name, label.value});
  }
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return metric;
}

// Metrics that are functions. prometheus-cpp has only ones that are set.
class CallbackMetrics final : public prometheus::Collectable {
 public:
  void Add(const std::string& name, const std::string& help,
           prometheus::MetricType type, std::function<double()> value,
           const std::vector<Label>& labels) {
    const std::lock_guard lock(mutex_);
    Family& family = families_[name];
    family.help = help;
    family.type = type;
    family.values.emplace_back(labels, std::move(value));
  }

  void Add(Metrics::MakeGauges make) {
    const std::lock_guard lock(mutex_);
    makers_.push_back(std::move(make));
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    const std::lock_guard lock(mutex_);
    std::vector<prometheus::MetricFamily> collected;
    collected.reserve(families_.size());
    for (const auto& [name, family] : families_) {
      collected.push_back({name, family.help, family.type, Values(family)});
    }
    for (const Metrics::MakeGauges& make : makers_) {
      for (const GaugeFamily& family : make()) {
        collected.push_back(ToFamily(family));
      }
    }
    return collected;
  }

 private:
  struct Family {
    std::string help;
    prometheus::MetricType type = prometheus::MetricType::Gauge;
    std::vector<std::pair<std::vector<Label>, std::function<double()>>> values;
  };

  static std::vector<prometheus::ClientMetric> Values(const Family& family) {
    std::vector<prometheus::ClientMetric> values;
    values.reserve(family.values.size());
    for (const auto& [labels, value] : family.values) {
      values.push_back(ToMetric(labels, family.type, value()));
    }
    return values;
  }

  static prometheus::MetricFamily ToFamily(const GaugeFamily& gauges) {
    const auto type = gauges.only_grows ? prometheus::MetricType::Counter
                                        : prometheus::MetricType::Gauge;
    prometheus::MetricFamily family{gauges.name, gauges.help, type, {}};
    family.metric.reserve(gauges.samples.size());
    for (const Sample& sample : gauges.samples) {
      family.metric.push_back(ToMetric(sample.labels, type, sample.value));
    }
    return family;
  }

  mutable std::mutex mutex_;
  // Guarded by mutex_, as is what follows.
  std::map<std::string, Family> families_;
  std::vector<Metrics::MakeGauges> makers_;
};

// CPU time only grows, so it is a counter although it is read like a gauge.
prometheus::MetricFamily ProcessCpu() {
  prometheus::MetricFamily family;
  family.name = "process_cpu_seconds_total";
  family.help = "User and system CPU time of this process.";
  family.type = prometheus::MetricType::Counter;
  family.metric.emplace_back().counter.value = ProcessCpuSeconds();
  return family;
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  CallbackMetrics callbacks;

  std::mutex mutex;
  // One for each counter of the registry; guarded by `mutex`.
  std::map<prometheus::Counter*, std::unique_ptr<RegisteredCounter>> counters;
  std::vector<std::unique_ptr<RegisteredHistogram>> histograms;  // Likewise.
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  AddGauge("process_resident_memory_bytes", "Resident memory of this process.",
           ProcessResidentBytes);
  AddGauge("process_open_fds", "Open file descriptors of this process.",
           ProcessOpenDescriptors);
  AddGauge("process_start_time_seconds",
           "When this process started, in seconds since 1970.",
           ProcessStartTime);
}

Metrics::~Metrics() = default;

Counter& Metrics::GetCounter(const std::string& name, const std::string& help,
                             const std::vector<Label>& labels) {
  CheckNames(name, labels);
  const std::lock_guard lock(impl_->mutex);
  prometheus::Counter& counter = prometheus::BuildCounter()
                                     .Name(name)
                                     .Help(help)
                                     .Register(impl_->registry)
                                     .Add(ToMap(labels));
  std::unique_ptr<RegisteredCounter>& ours = impl_->counters[&counter];
  if (!ours) ours = std::make_unique<RegisteredCounter>(counter);
  return *ours;
}

Histogram& Metrics::AddHistogram(const std::string& name,
                                 const std::string& help,
                                 const std::vector<double>& bounds) {
  CheckNames(name, {});
  const std::lock_guard lock(impl_->mutex);
  prometheus::Histogram& histogram = prometheus::BuildHistogram()
                                         .Name(name)
                                         .Help(help)
                                         .Register(impl_->registry)
                                         .Add({}, bounds);
  impl_->histograms.push_back(std::make_unique<RegisteredHistogram>(histogram));
  return *impl_->histograms.back();
}

void Metrics::AddGauge(const std::string& name, const std::string& help,
                       std::function<double()> value,
                       const std::vector<Label>& labels) {
  CheckNames(name, labels);
  impl_->callbacks.Add(name, help, prometheus::MetricType::Gauge,
                       std::move(value), labels);
}

void Metrics::AddCounter(const std::string& name, const std::string& help,
                         std::function<double()> value) {
  CheckNames(name, {});
  impl_->callbacks.Add(name, help, prometheus::MetricType::Counter,
                       std::move(value), {});
}

void Metrics::AddGauges(MakeGauges make) {
  impl_->callbacks.Add(std::move(make));
}

std::string Metrics::Scrape() const {
  std::vector<prometheus::MetricFamily> families = impl_->registry.Collect();
  std::vector<prometheus::MetricFamily> callbacks = impl_->callbacks.Collect();
  std::move(callbacks.begin(), callbacks.end(), std::back_inserter(families));
  families.push_back(ProcessCpu());
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace tuco::base
