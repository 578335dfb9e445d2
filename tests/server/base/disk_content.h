// What a file or a folder holds twice over: as everybody sees it now, and as
// it would be found after a power cut.

#ifndef TUCO_TESTS_SERVER_BASE_DISK_CONTENT_H_
#define TUCO_TESTS_SERVER_BASE_DISK_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace tuco::base {

// Chance that can be repeated.
class DiskChance {
 public:
  explicit DiskChance(std::uint64_t seed) : random_(seed) {}
  // A number from 0 to `bound` - 1.
  std::uint64_t Below(std::uint64_t bound) { return random_() % bound; }
  bool OneIn(std::uint64_t n) { return Below(n) == 0; }

 private:
  std::mt19937_64 random_;
};

// The bytes of a file. One thread at a time.
class FileContent {
 public:
  const std::string& bytes() const { return bytes_; }

  void Write(std::uint64_t offset, std::string_view bytes);
  void Truncate(std::uint64_t size);
  // Whatever is there survives from now on.
  void Replace(std::string bytes);

  void Sync();
  // Any part of what was not synced survives. The rest stays visible, but the
  // next Sync takes it for done, as Linux does.
  void FailToSync(DiskChance& chance);
  // Any part of what was not synced survives, torn at a sector of 512 bytes or
  // at any byte, and is all that is there.
  void LosePower(DiskChance& chance);

 private:
  // A write, or with no bytes a change of size.
  struct Change {
    std::uint64_t at = 0;
    std::string bytes;
    bool resizes = false;
  };
  static void Apply(const Change& change, std::string& bytes);
  void ApplySectors(const Change& change, std::uint64_t percent,
                    DiskChance& chance);
  void ApplyTorn(const Change& change, DiskChance& chance);
  void ApplySome(DiskChance& chance);

  std::string bytes_;
  std::string surviving_;
  std::vector<Change> unsynced_;
};

struct DiskNode;

// The names in a folder. One thread at a time.
class FolderContent {
 public:
  using Names = std::map<std::string, std::shared_ptr<DiskNode>>;
  const Names& names() const { return names_; }

  void Add(const std::string& name, std::shared_ptr<DiskNode> node);
  void Remove(const std::string& name);
  void Rename(const std::string& from, const std::string& to);
  void Swap(const std::string& one, const std::string& other);

  void Sync();
  // Each change of a name that was not synced is made or not, whatever became
  // of those before it.
  void LosePower(DiskChance& chance);

 private:
  struct Change {
    std::string removed;  // Empty: no name.
    std::string added;    // Empty: no name.
    std::shared_ptr<DiskNode> node;
  };
  static void Apply(const Change& change, Names& names);
  void Make(Change change);

  Names names_;
  Names surviving_;
  std::vector<Change> unsynced_;
};

// What a name stands for.
struct DiskNode {
  bool is_folder = false;
  FileContent file;
  FolderContent folder;
  const void* locked_by = nullptr;
};

}  // namespace tuco::base

#endif  // TUCO_TESTS_SERVER_BASE_DISK_CONTENT_H_
