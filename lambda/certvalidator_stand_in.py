"""A stand-in for `certvalidator`, so that flask-ask-sdk can be imported on every machine.

flask-ask-sdk imports ask-sdk-webservice-support, which imports certvalidator, which imports
oscrypto; and oscrypto 1.3.0, its last release, fails on import where OpenSSL's patch number
has two digits (3.0.10 and later; wbond/oscrypto issues 75 and 78). The import fails even
with the SDK's verification switched off. Our requests are verified by `verification`, so
what is imported here is never called; were it called, it refuses. It is used on all
machines alike, so that there is one behaviour to test. See docs/decisions/0007.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class PathError(Exception):
    """Known to ask-sdk-webservice-support; nothing raises it here."""


class ValidationError(Exception):
    """What ask-sdk-webservice-support turns into a refusal."""


class CertificateValidator:
    """Accepts no certificate, whatever it is given: raises ValidationError."""

    def __init__(self, *certificates: Any) -> None:
        raise ValidationError("certificates are validated by verification.Verifier, not by flask-ask-sdk")


def install() -> None:
    """Put the stand-in where `import certvalidator` finds it; to be called before flask_ask_sdk is imported."""
    package, errors = ModuleType("certvalidator", __doc__), ModuleType("certvalidator.errors", __doc__)
    vars(package).update(CertificateValidator=CertificateValidator, errors=errors)
    vars(errors).update(PathError=PathError, ValidationError=ValidationError)
    sys.modules.update({"certvalidator": package, "certvalidator.errors": errors})
