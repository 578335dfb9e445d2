// Whatever happens to the files of a log that is not running, the log has no
// effect of it, tells of a gap, or refuses in words that name what is damaged
// (damage_trial.h).
//
//   single bits     at random, in every file, half of them where structure is
//   shorter files   at each byte of the newest records
//   whole files     gone, halved, or from another day
//
// TUCO_CRASH_FLIPS says how many bits (`make crash`: 10000), and with that how
// much of the rest; TUCO_CRASH_SEED=S repeats what was found with seed S.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/server/log/damage_trial.h"
#include "tests/server/log/log_campaign.h"
#include "tests/server/log/log_image.h"
#include "tests/server/log/subscription_samples.h"

namespace tuco::log {
namespace {

constexpr std::size_t kPageBytes = 8'192;
constexpr std::size_t kWalHeaderBytes = 32;
constexpr std::size_t kFrameBytes = kPageBytes + 24;

std::uint64_t Flips() { return CampaignNumber("TUCO_CRASH_FLIPS", 200); }

// How often each outcome was seen, by what was done.
class Outcomes {
 public:
  void Count(const std::string& what, Outcome outcome) {
    ++counts_[what][static_cast<std::size_t>(outcome)];
  }
  void Print() const {
    for (const auto& [what, counts] : counts_) {
      std::cout << what << ":";
      for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        std::cout << "  " << NameOf(static_cast<Outcome>(i)) << " "
                  << counts[i];
      }
      std::cout << "\n";
    }
  }

 private:
  std::map<std::string, std::array<int, kOutcomes>> counts_;
};

class DamageTest : public ::testing::Test {
 protected:
  void TearDown() override {
    std::cout << "seed " << CampaignSeed() << "\n";
    outcomes_.Print();
  }

  Outcome Try(const std::string& what, const LogImage& image,
              const LogFiles& damaged, const std::string& detail = "",
              Witness witness = Witness::kMark, bool newest_changes = false) {
    const std::uint64_t seed = CampaignSeed() + ++trials_;
    const Verdict verdict =
        TryDamagedLog(image, damaged, seed, witness, newest_changes);
    EXPECT_EQ(verdict.wrong, "")
        << what << " " << detail << ", seed " << CampaignSeed();
    outcomes_.Count(what, verdict.outcome);
    return verdict.outcome;
  }

 private:
  Outcomes outcomes_;
  std::uint64_t trials_ = 0;
};

void AppendUntilCheckpoint(LogHistory& history) {
  const std::size_t before = history.Image().files[kMainFile].size();
  while (history.Image().files[kMainFile].size() == before) history.Append(5);
}

struct NamedImage {
  std::string name;
  LogImage image;
};

// What a log's files can look like.
std::vector<NamedImage> Images() {
  std::vector<NamedImage> images;
  LogHistory history(CampaignSeed());
  history.Append(40);
  history.Prune(4);
  images.push_back({"all in the journal", history.Image()});
  history.LoseSome();
  AppendUntilCheckpoint(history);
  images.push_back({"just checkpointed", history.Image()});
  history.Append(40);
  images.push_back({"journal written anew", history.Image()});
  history.Close();
  images.push_back({"closed", history.Image()});
  return images;
}

// The bits of a mark, and of the part of a page or frame that says what the
// rest means, and where the second mark begins.
constexpr std::uint64_t kMarkBits = 8 * std::uint64_t{28};
constexpr std::uint64_t kSecondMarkBit = 8 * std::uint64_t{512};
constexpr std::uint64_t kVitalBits = 8 * std::uint64_t{100};

// A bit of a file: anywhere, or in the bytes that say what the others mean.
std::uint64_t BitOf(const std::string& name, std::size_t bytes,
                    base::DiskChance& chance) {
  const std::uint64_t bit = chance.Below(8 * bytes);
  if (chance.OneIn(2)) return bit;
  if (name == kMarkFile) {
    return bit % kMarkBits + kSecondMarkBit * chance.Below(2);
  }
  const std::size_t start = name == kWalFile ? kWalHeaderBytes : 0;
  const std::size_t unit = name == kWalFile ? kFrameBytes : kPageBytes;
  if (bytes <= start + unit) return bit;
  const std::uint64_t units = (bytes - start) / unit;
  return 8 * (start + unit * chance.Below(units)) + chance.Below(kVitalBits);
}

TEST_F(DamageTest, ASingleBit) {
  const std::vector<NamedImage> images = Images();
  base::DiskChance chance(CampaignSeed());
  for (std::uint64_t trial = 0; trial < Flips(); ++trial) {
    const NamedImage& from = images[trial % images.size()];
    LogFiles damaged = from.image.files;
    const bool mark = chance.OneIn(10);
    const bool wal = !damaged[kWalFile].empty() && chance.OneIn(2);
    const char* const name = mark ? kMarkFile : wal ? kWalFile : kMainFile;
    std::string& bytes = damaged[name];
    const std::uint64_t bit = BitOf(name, bytes.size(), chance);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const Outcome outcome =
        Try(absl::StrCat("one bit of ", name, ", ", from.name), from.image,
            damaged, absl::StrCat("bit ", bit), Witness::kMark,
            /*newest_changes=*/!wal);
    if (mark) {
      EXPECT_EQ(outcome, Outcome::kNone) << "bit " << bit;
    }
  }
}

// Bytes between two cuts; every one of them is tried in a long run.
std::size_t CutStep() {
  return std::max<std::size_t>(1, 10'000 / std::max<std::uint64_t>(Flips(), 1));
}

LogFiles CutAt(const LogImage& image, const char* name, std::size_t bytes) {
  LogFiles damaged = image.files;
  damaged[name].resize(bytes);
  return damaged;
}

TEST_F(DamageTest, AJournalThatEndsInItsLastTwoRecords) {
  LogHistory history(CampaignSeed());
  history.Append(8, /*batch_max=*/1);
  const std::size_t start = history.Image().files[kWalFile].size();
  history.Append(2, /*batch_max=*/1);
  const LogImage image = history.Image();
  const std::size_t end = image.files.at(kWalFile).size();
  for (std::size_t cut = start; cut < end; cut += CutStep()) {
    const Outcome outcome =
        Try("cut in the journal's last two records", image,
            CutAt(image, kWalFile, cut), absl::StrCat("at byte ", cut));
    EXPECT_EQ(outcome, Outcome::kGap) << "at byte " << cut;
  }
}

TEST_F(DamageTest, AMainFileThatEndsInItsLastTwoPages) {
  LogHistory history(CampaignSeed());
  history.Append(60);
  history.Close();
  const LogImage image = history.Image();
  const std::size_t end = image.files.at(kMainFile).size();
  for (std::size_t cut = end - 2 * kPageBytes; cut < end; cut += CutStep()) {
    const Outcome outcome =
        Try("cut in the last two pages of events.db", image,
            CutAt(image, kMainFile, cut), absl::StrCat("at byte ", cut));
    EXPECT_NE(outcome, Outcome::kNone) << "at byte " << cut;
  }
}

// The same log at some times of its life, some of them closed.
std::vector<LogImage> Days() {
  constexpr int kDays = 14;
  LogHistory history(CampaignSeed());
  std::vector<LogImage> days;
  for (int day = 0; day < kDays; ++day) {
    history.Append(50, /*batch_max=*/4, /*body_bytes_max=*/40'000);
    if (day % 4 == 2) history.Close();
    if (day == 6) history.LoseSome();
    if (day % 3 == 1) history.Prune(20);
    days.push_back(history.Image());
  }
  return days;
}

// Whole files that are not what they were.
struct Replacement {
  const char* name;
  void (*apply)(const LogFiles& old, LogFiles& files);
  Witness witness;
  bool harmless = false;  // Nothing but the mark.
};

void Halve(std::string& bytes) { bytes.resize(bytes.size() / 2); }

// Where the mark is damaged as well, nobody knows what the log had.
constexpr Replacement kReplacements[] = {
    {"journal deleted",
     [](const LogFiles&, LogFiles& files) { files.erase(kWalFile); },
     Witness::kMark},
    {"journal halved",
     [](const LogFiles&, LogFiles& files) { Halve(files[kWalFile]); },
     Witness::kMark},
    {"old journal",
     [](const LogFiles& old, LogFiles& files) {
       files[kWalFile] = old.at(kWalFile);
     },
     Witness::kMark},
    {"old events.db",
     [](const LogFiles& old, LogFiles& files) {
       files[kMainFile] = old.at(kMainFile);
     },
     Witness::kMark},
    {"old events.db without journal",
     [](const LogFiles& old, LogFiles& files) {
       files[kMainFile] = old.at(kMainFile);
       files.erase(kWalFile);
     },
     Witness::kMark},
    {"old events.db with its journal",
     [](const LogFiles& old, LogFiles& files) {
       files[kMainFile] = old.at(kMainFile);
       files[kWalFile] = old.at(kWalFile);
     },
     Witness::kMark},
    {"events.db deleted",
     [](const LogFiles&, LogFiles& files) { files.erase(kMainFile); },
     Witness::kMark},
    {"events.db halved",
     [](const LogFiles&, LogFiles& files) { Halve(files[kMainFile]); },
     Witness::kMark},
    {"events.db and journal deleted",
     [](const LogFiles&, LogFiles& files) {
       files.erase(kMainFile);
       files.erase(kWalFile);
     },
     Witness::kMark},
    {"mark deleted",
     [](const LogFiles&, LogFiles& files) { files.erase(kMarkFile); },
     Witness::kMark,
     /*harmless=*/true},
    {"mark cut",
     [](const LogFiles&, LogFiles& files) { files[kMarkFile].resize(20); },
     Witness::kMark,
     /*harmless=*/true},
    {"mark overwritten",
     [](const LogFiles&, LogFiles& files) {
       files[kMarkFile].assign(files[kMarkFile].size(), 'x');
     },
     Witness::kMark,
     /*harmless=*/true},
    {"old mark",
     [](const LogFiles& old, LogFiles& files) {
       files[kMarkFile] = old.at(kMarkFile);
     },
     Witness::kMark,
     /*harmless=*/true},
    {"mark and journal deleted",
     [](const LogFiles&, LogFiles& files) {
       files.erase(kMarkFile);
       files.erase(kWalFile);
     },
     Witness::kNobody},
    {"old mark and journal",
     [](const LogFiles& old, LogFiles& files) {
       files[kMarkFile] = old.at(kMarkFile);
       files[kWalFile] = old.at(kWalFile);
     },
     Witness::kNobody},
    {"old mark and events.db",
     [](const LogFiles& old, LogFiles& files) {
       files[kMarkFile] = old.at(kMarkFile);
       files[kMainFile] = old.at(kMainFile);
     },
     Witness::kNobody},
    {"everything from another day",
     [](const LogFiles& old, LogFiles& files) { files = old; },
     Witness::kNobody},
};

TEST_F(DamageTest, WholeFilesThatAreNotWhatTheyWere) {
  const std::vector<LogImage> days = Days();
  const std::size_t step = CutStep();
  std::size_t trial = 0;
  for (const Replacement& replacement : kReplacements) {
    for (std::size_t day = 0; day < days.size(); ++day) {
      for (std::size_t old = 0; old < day; ++old) {
        // In a short run a few pairs of days, other ones each time.
        if (trial++ % step != 0) continue;
        LogFiles damaged = days[day].files;
        replacement.apply(days[old].files, damaged);
        const Outcome outcome = Try(
            replacement.name, days[day], damaged,
            absl::StrCat("day ", day, ", old day ", old), replacement.witness);
        if (replacement.harmless) {
          EXPECT_EQ(outcome, Outcome::kNone) << replacement.name;
        }
      }
    }
  }
}

// What follows proves that the trials above can fail.
class DamageTrialTest : public ::testing::Test {
 protected:
  DamageTrialTest() {
    history_.Append(20);
    history_.Prune(3);
    image_ = history_.Image();
  }
  std::string Wrong() const {
    return TryDamagedLog(image_, image_.files, /*seed=*/1).wrong;
  }

  LogHistory history_{1};
  LogImage image_;
};

TEST_F(DamageTrialTest, FindsNothingWrongWhereAllIsWell) {
  EXPECT_EQ(Wrong(), "");
}

TEST_F(DamageTrialTest, SeesAChangedRecord) {
  image_.records[9].body += "x";
  EXPECT_EQ(Wrong(), "record 10 is not what was acknowledged");
}

TEST_F(DamageTrialTest, SeesARecordThatIsNotThere) {
  Record lost = image_.records.back();
  ++lost.sequence;
  image_.records.push_back(lost);
  EXPECT_EQ(Wrong(), "record 21 is left out of the read behind 20");
}

TEST_F(DamageTrialTest, SeesARecordThatNobodyAppended) {
  image_.records.erase(image_.records.begin() + 9);
  EXPECT_EQ(Wrong(), "record 11 is left out of the read behind 3");
}

TEST_F(DamageTrialTest, SeesAnotherKey) {
  image_.records[9].duplicate_key[31] ^= 1;
  EXPECT_EQ(Wrong(), "the key of record 10 is wrong");
}

TEST_F(DamageTrialTest, SeesAKeyThatIsForgottenTooEarly) {
  *image_.records[1].occurred_at += std::chrono::hours(1);
  EXPECT_EQ(Wrong(), "record 2 would be taken again");
}

TEST_F(DamageTrialTest, SeesASubscriptionThatNobodyLeftLikeThat) {
  ASSERT_FALSE(image_.changes.empty());
  image_.changes.push_back(SampleCreation(1'000));
  EXPECT_EQ(Wrong(), "");
  EXPECT_EQ(TryDamagedLog(image_, image_.files, /*seed=*/1, Witness::kMark,
                          /*newest_changes=*/true)
                .wrong,
            "the subscriptions are what no commit left");
  for (SubscriptionChange& change : image_.changes) {
    if (change.row.has_value()) ++change.row->through;
  }
  EXPECT_EQ(Wrong(), "the subscriptions are what no commit left");
}

TEST_F(DamageTrialTest, SeesAnEpochThatNobodyBegan) {
  image_.epoch = 2;
  EXPECT_EQ(Wrong(), "epoch 2 became 1");
}

TEST_F(DamageTrialTest, SeesThatNobodyTellsOfALoss) {
  LogFiles damaged = image_.files;
  damaged.erase(kWalFile);
  EXPECT_EQ(TryDamagedLog(image_, damaged, /*seed=*/1).wrong, "");
  damaged.erase(kMarkFile);
  EXPECT_NE(TryDamagedLog(image_, damaged, /*seed=*/1).wrong, "");
}

}  // namespace
}  // namespace tuco::log
