#include "tuco/wiped_secrets.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>

namespace tuco {
namespace {

static_assert(!std::is_copy_constructible_v<WipedSecrets>);
static_assert(!std::is_copy_assignable_v<WipedSecrets>);

TEST(WipedSecretsTest, KeepsThemInOrder) {
  WipedSecrets secrets;
  for (int i = 0; i < 20; ++i) {
    secrets.Add(std::to_string(i), "text " + std::to_string(i));
  }
  ASSERT_EQ(secrets.all().size(), 20U);
  for (int i = 0; i < 20; ++i) {
    const Secret& secret = secrets.all()[static_cast<std::size_t>(i)];
    EXPECT_EQ(secret.name, std::to_string(i));
    EXPECT_EQ(secret.text, "text " + std::to_string(i));
  }
}

TEST(WipedSecretsTest, MovesWithoutCopyingATextThatIsInPlace) {
  WipedSecrets secrets;
  secrets.Add("main", "short");
  const char* const place = secrets.all()[0].text.data();
  WipedSecrets moved = std::move(secrets);
  EXPECT_EQ(moved.all()[0].text.data(), place);
  WipedSecrets assigned;
  assigned.Add("another", "one");
  assigned = std::move(moved);
  ASSERT_EQ(assigned.all().size(), 1U);
  EXPECT_EQ(assigned.all()[0].text.data(), place);
}

}  // namespace
}  // namespace tuco
