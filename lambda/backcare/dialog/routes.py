"""The table from what came in to who answers it, and what holds for every answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backcare.dialog import answers, guidance, heard, menu, questions, reading, recovery, safety, saying, settings, tips
from backcare.turn import Place, Reply, Turn
from backcare.understanding.likeness import once_a_turn

ROUTES: dict[str, Callable[[Turn], Reply]] = {
    "LaunchRequest": guidance.welcome,
    "TopicIntent": answers.ask_for_topic,
    "QuestionIntent": answers.answer_question,
    "WarningSignIntent": answers.answer_question,
    "TipIntent": tips.any_tip,
    "TipForIntent": answers.tip_for,
    "AnotherTipIntent": tips.another,
    "ListTopicsIntent": menu.list_topics,
    "GoBackIntent": reading.go_back,
    "WhoWroteThisIntent": guidance.who_wrote_this,
    "WhoSaysSoIntent": guidance.who_says_so,
    "WhereAmIIntent": guidance.where_am_i,
    "CourtesyIntent": guidance.courtesy,
    "ExplainIntent": guidance.explain,
    "HowMuchLeftIntent": guidance.how_much_left,
    "WhyIntent": guidance.why,
    "HowLongIntent": guidance.how_long,
    "IsThatSafeIntent": guidance.is_that_safe,
    "FirstOneIntent": questions.first_one,
    "OtherOneIntent": questions.other_one,
    "NotThatIntent": questions.not_that,
    "SlowerIntent": settings.slower,
    "FasterIntent": settings.faster,
    "NormalSpeedIntent": settings.normal_speed,
    "VolumeIntent": guidance.volume,
    "AMAZON.YesIntent": questions.yes,
    "AMAZON.NoIntent": questions.no,
    "AMAZON.MoreIntent": questions.more,
    "AMAZON.NextIntent": questions.next_,
    "AMAZON.PreviousIntent": questions.previous,
    "AMAZON.RepeatIntent": guidance.repeat,
    "AMAZON.ResumeIntent": questions.resume,
    "AMAZON.PauseIntent": guidance.pause,
    "AMAZON.StartOverIntent": reading.start_over,
    "AMAZON.HelpIntent": guidance.help_here,
    "AMAZON.CancelIntent": guidance.stop,
    "AMAZON.StopIntent": guidance.stop,
    "AMAZON.NavigateHomeIntent": guidance.stop,
    "AMAZON.FallbackIntent": recovery.not_understood,
}


def answer(turn: Turn) -> Reply:
    """The reply to any turn: a warning sign before anything else, then a command in free words, then the route.

    A route this release doesn't know counts as not understood.
    """
    turn = _of_this_release(turn)
    if heard.unresolved(turn):
        turn = replace(turn, likely=once_a_turn(turn.library))
    verdict = safety.listen(turn)
    if verdict.sign and not verdict.asked:
        return safety.answer_sign(turn, verdict)
    turn = answers.commanded(turn)
    reply = ROUTES.get(turn.route, recovery.not_understood)(turn)
    first_contact = turn.new and turn.listener.last_visit is None
    if first_contact and saying.is_information(reply.place.said):
        information = saying.prompt(turn.library, "information", reply.place, reply.open)
        reply = replace(reply, say=(*reply.say, *information))
    return safety.with_when_to_call(turn, reply, verdict) if verdict.asked else reply


_NOWHERE = Place()


def _of_this_release(turn: Turn) -> Turn:
    """The turn without what content or code no longer have: a session may span a release."""
    if turn.new:
        kept = turn.place.topic is None or turn.library.topic(turn.place.topic) is not None
        return turn if kept else replace(turn, place=_NOWHERE)
    place = turn.place
    if place.topic is not None and turn.library.topic(place.topic) is None:
        place = _NOWHERE
    if not saying.words_at(turn.library, place.said, place, turn.open):
        place = replace(place, said=None)
    return replace(turn, place=place, open=questions.still_open(turn))
