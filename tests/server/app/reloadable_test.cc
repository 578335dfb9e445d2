#include "server/app/reloadable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tuco::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReloadAllTest : public ::testing::Test {
 protected:
  Reloadable Part(const std::string& name, const absl::Status& status = {}) {
    return {name,
            [this, name, status](
                const ServeConfig&) -> absl::StatusOr<Reloadable::PutInForce> {
              if (!status.ok()) return status;
              return [this, name] { in_force_.push_back(name); };
            }};
  }

  std::vector<std::string> in_force_;
};

TEST_F(ReloadAllTest, PutsEveryPartInForce) {
  EXPECT_TRUE(ReloadAll(std::vector{Part("a"), Part("b")}, {}).ok());
  EXPECT_THAT(in_force_, ElementsAre("a", "b"));
}

TEST_F(ReloadAllTest, PutsNoneInForceWhereOneCannot) {
  EXPECT_EQ(ReloadAll(std::vector{Part("a"),
                                  Part("b", absl::NotFoundError("no file"))},
                      {}),
            absl::NotFoundError("b: no file"));
  EXPECT_THAT(in_force_, IsEmpty());
}

}  // namespace
}  // namespace tuco::app
