"""The ten-line skill every measurement is held against: the SDK, one handler, one sentence."""

from ask_sdk_core.skill_builder import SkillBuilder

builder = SkillBuilder()


@builder.request_handler(can_handle_func=lambda _: True)
def answer(handler_input):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Say one sentence."""
    return handler_input.response_builder.speak("Welcome.").ask("Welcome.").response


lambda_handler = builder.lambda_handler()
