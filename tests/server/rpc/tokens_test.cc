#include "server/rpc/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/rpc/caller.h"
#include "tests/server/base/fake_clock.h"
#include "tuco/events/v1/event_service.pb.h"

namespace tuco::rpc {
namespace {

using ::testing::HasSubstr;

Token MakeToken(const std::string& name, const std::string& text) {
  Token token;
  token.name = name;
  token.sha256 = Sha256(text);
  token.scopes.set(static_cast<std::size_t>(Scope::kRead));
  return token;
}

class TokensTest : public ::testing::Test {
 protected:
  void Load(std::vector<Token> tokens) {
    now_ = std::move(tokens);
    if (tokens_ != nullptr) {
      EXPECT_TRUE(tokens_->Reload().ok());
      return;
    }
    tokens_ = Tokens::Create(
                  [this]() -> absl::StatusOr<std::vector<Token>> {
                    if (!failure_.ok()) return failure_;
                    return now_;
                  },
                  clock_)
                  .value();
  }

  absl::StatusCode CodeOf(const std::string& text) {
    return tokens_->Find(text).status().code();
  }

  base::FakeClock clock_;
  std::vector<Token> now_;
  absl::Status failure_;
  std::unique_ptr<Tokens> tokens_;
};

TEST_F(TokensTest, FindsATokenByItsHash) {
  Load({MakeToken("a", "one"), MakeToken("b", "two")});
  EXPECT_EQ(tokens_->Find("two").value()->token().name, "b");
  for (const char* const text : {"", "three", "One", "one "}) {
    EXPECT_EQ(CodeOf(text), absl::StatusCode::kUnauthenticated) << text;
  }
}

TEST_F(TokensTest, RefusesTwoOfAName) {
  Load({MakeToken("a", "one")});
  now_ = {MakeToken("a", "one"), MakeToken("a", "two")};
  EXPECT_EQ(tokens_->Reload().code(), absl::StatusCode::kInvalidArgument);
  now_ = {MakeToken("a", "one"), MakeToken("b", "one")};
  EXPECT_EQ(tokens_->Reload().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TokensTest, KeepsWhatItHasWhenNewOnesCannotBeRead) {
  Load({MakeToken("a", "one")});
  const GrantPtr grant = tokens_->Find("one").value();
  failure_ = absl::InvalidArgumentError("tokens.toml:1:1: nonsense");
  EXPECT_EQ(tokens_->Reload(), failure_);
  EXPECT_TRUE(tokens_->Find("one").ok());
  EXPECT_TRUE(tokens_->StillValid(*grant).ok());
}

TEST_F(TokensTest, WithdrawsWhatIsGoneOrChanged) {
  Token changed = MakeToken("b", "two");
  Load({MakeToken("a", "one"), changed, MakeToken("c", "three")});
  const GrantPtr kept = tokens_->Find("one").value();
  const GrantPtr narrowed = tokens_->Find("two").value();
  const GrantPtr gone = tokens_->Find("three").value();
  changed.reach.workspaces = {"org_a"};
  Load({changed, MakeToken("a", "one")});
  EXPECT_TRUE(tokens_->StillValid(*kept).ok());
  for (const GrantPtr& grant : {narrowed, gone}) {
    EXPECT_EQ(tokens_->StillValid(*grant).code(),
              absl::StatusCode::kUnauthenticated);
  }
  EXPECT_TRUE(tokens_->Find("two").ok());
  EXPECT_EQ(CodeOf("three"), absl::StatusCode::kUnauthenticated);
}

TEST_F(TokensTest, EndsATokenThatHasExpired) {
  Token token = MakeToken("a", "one");
  token.expires_at = clock_.Now() + std::chrono::seconds(10);
  Load({token});
  const GrantPtr grant = tokens_->Find("one").value();
  clock_.Advance(std::chrono::seconds(10));
  EXPECT_EQ(CodeOf("one"), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(tokens_->StillValid(*grant).code(),
            absl::StatusCode::kUnauthenticated);
}

TEST_F(TokensTest, ACallerHasTheScopesOfTheToken) {
  Load({MakeToken("a", "one")});
  const Caller caller(*tokens_, tokens_->Find("one").value());
  EXPECT_TRUE(caller.Require(Scope::kRead).ok());
  const absl::Status status = caller.Require(Scope::kAdmin);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"admin\""));
  EXPECT_TRUE(Caller().Require(Scope::kAdmin).ok());
}

TEST_F(TokensTest, ACallerMaySeeWhatTheTokenSays) {
  Token token = MakeToken("a", "one");
  token.reach = {.endpoints = {"tuco"}, .workspaces = {"org_a", "org_b"}};
  Load({token});
  const Caller caller(*tokens_, tokens_->Find("one").value());
  EXPECT_TRUE(caller.RequireEndpoint("tuco").ok());
  EXPECT_FALSE(caller.RequireEndpoint("other").ok());
  EXPECT_FALSE(caller.RequireEndpoint("").ok());
  EXPECT_FALSE(caller.RequireAll("it has everything").ok());
  log::Filter filter{.workspaces = {"org_a"}, .endpoints = {"tuco"}};
  EXPECT_FALSE(caller.RequireFilter("crm", filter).ok());
  filter.without_flags.Add(Flag::kWorkspaceMismatch);
  EXPECT_TRUE(caller.RequireFilter("crm", filter).ok());
  filter.workspaces.emplace_back("org_c");
  EXPECT_FALSE(caller.RequireFilter("crm", filter).ok());
  filter.workspaces.clear();
  EXPECT_FALSE(caller.RequireFilter("crm", filter).ok());
  EXPECT_TRUE(Caller().RequireFilter("crm", filter).ok());
}

TEST(MethodScopesTest, EveryMethodHasOne) {
  const auto& service =
      *events::v1::GetEventRequest::descriptor()->file()->FindServiceByName(
          "EventService");
  std::multiset<std::string> methods;
  for (int i = 0; i < service.method_count(); ++i) {
    methods.insert(service.method(i)->name());
  }
  std::multiset<std::string> scoped;
  for (const MethodScope& scope : MethodScopes()) {
    scoped.emplace(scope.method);
  }
  EXPECT_EQ(methods, scoped);
}

TEST(ScopeTest, HasANameThatIsReadBack) {
  for (const Scope scope : {Scope::kRead, Scope::kConsume, Scope::kAdmin}) {
    EXPECT_EQ(ScopeFromName(ScopeName(scope)), scope);
  }
  EXPECT_EQ(ScopeFromName("write"), std::nullopt);
}

}  // namespace
}  // namespace tuco::rpc
