#include "server/cli/event_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tuco::cli {
namespace {

namespace pb = events::v1;
using testing::HasSubstr;
using testing::Not;

pb::Event Reply() {
  pb::Event event;
  event.set_sequence(42);
  event.set_type(pb::EVENT_TYPE_MESSAGE_REPLY);
  event.set_type_name("message.reply");
  event.mutable_recorded_at()->set_seconds(1776254400);
  event.mutable_recorded_at()->set_nanos(42'900'000);
  event.mutable_contact()->set_phone("+19042956129");
  event.mutable_contact()->set_first_name("Jane");
  event.mutable_contact()->set_last_name("Smith");
  event.mutable_message()->set_line_id("line_001");
  event.mutable_message()->set_text("Yes!");
  return event;
}

TEST(EventText, IsOneAlignedLine) {
  EXPECT_EQ(EventText(Reply(), false),
            "2026-04-15T12:00:00.042Z        42  message.reply      "
            "+19042956129 Jane Smith  line_001  \"Yes!\"\n");
}

TEST(EventText, ShowsFlagsByName) {
  pb::Event event = Reply();
  event.add_flags(pb::FLAG_TEST);
  event.add_flags(pb::FLAG_LATE);
  event.add_flags(static_cast<pb::Flag>(77));
  EXPECT_THAT(EventText(event, false), HasSubstr("  [test late 77]  "));
}

TEST(EventText, MarksOptOuts) {
  pb::Event event = Reply();
  event.set_opt_out(false);
  EXPECT_THAT(EventText(event, false), Not(HasSubstr("OPT-OUT")));
  event.set_opt_out(true);
  EXPECT_THAT(EventText(event, false), HasSubstr("  OPT-OUT\n"));
}

TEST(EventText, SaysWhatWentWrong) {
  pb::Event event = Reply();
  event.mutable_message()->set_error("Device offline");
  event.mutable_message()->set_reason("No iMessage");
  EXPECT_THAT(EventText(event, false),
              HasSubstr("  error \"Device offline\"  reason \"No iMessage\""));
}

TEST(EventText, EscapesWhateverCameFromOutside) {
  const std::string evil = "\x1b]0;owned\x07\nfake line";
  pb::Event event = Reply();
  event.set_type_name(evil);
  event.mutable_contact()->set_phone(evil);
  event.mutable_contact()->set_display_name(evil);
  event.mutable_message()->set_line_id(evil);
  event.mutable_message()->set_text(evil);
  event.mutable_message()->set_error(evil);
  event.mutable_message()->set_reason(evil);
  const std::string text = EventText(event, false);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\n'), text.size() - 1);
}

TEST(EventText, CutsLongText) {
  pb::Event event = Reply();
  event.mutable_message()->set_text(std::string(161, 'x'));
  EXPECT_THAT(EventText(event, false),
              HasSubstr("\"" + std::string(160, 'x') + "…\""));
}

TEST(EventText, ManagesWithoutAnything) {
  EXPECT_EQ(EventText(pb::Event(), false),
            "-                                0  (no name)        \n");
}

TEST(EventText, ColoursOnlyWhenAsked) {
  pb::Event event = Reply();
  event.set_opt_out(true);
  EXPECT_EQ(EventText(event, false).find('\x1b'), std::string::npos);
  EXPECT_THAT(EventText(event, true), HasSubstr("\x1b[1;31mOPT-OUT\x1b[0m"));
}

}  // namespace
}  // namespace tuco::cli
