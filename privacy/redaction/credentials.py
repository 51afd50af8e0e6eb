"""Credentials that are known by their form and not by a vendor's prefix: keys, tokens, URLs, headers, hashes."""

import re

from privacy.redaction.randomness import classes, looks_generated
from privacy.redaction.rules import Judge, Match, Rule, rule, starts_word
from privacy.redaction.spans import Hit

B64 = rb"[A-Za-z0-9+/_-]"
# What may stand between the lines of a PEM block: line ends, also escaped ones, indentation, quotes, joints.
PEM_BODY = rb"(?:-?[A-Za-z0-9+/=\s\\\"'>|,:%])"
DASHES = rb"-{4,5}"
PEM_NAME = rb"(?:[A-Z0-9]{2,12}[ _]){0,4}PRIVATE[ _+]KEY(?:[ _]BLOCK)?"


def pem_rules() -> list[Rule]:
    """Return the rules for private keys; certificates and public keys are no secret and stay."""
    return [
        rule(
            "private-key",
            rb"(?i)" + DASHES + rb"BEGIN[ _+]" + PEM_NAME + DASHES + PEM_BODY + rb"*",
            hint=DASHES + rb"BEGIN[ _+]" + PEM_NAME,
            judge=pem_block,
            rank=0,
            after=65536,
        ),
        # The same key without its armour: the DER header of PKCS #1, PKCS #8 and SEC 1 in base64.
        rule(
            "private-key",
            rb"(?:MI[IG][A-Za-z0-9+/]{2,4}(?:IBAAK|IBADAN|EAMBMG)|MHcCAQEEI|MC4CAQAwBQYDK2V|b3BlbnNzaC1rZXktdjE)"
            rb"[A-Za-z0-9+/\s\\]{20,}={0,2}",
            hint=rb"(?:MI[IG][A-Za-z0-9+/]{2,4}(?:IBAAK|IBADAN|EAMBMG)|MHcCAQEEI|MC4CAQAwBQYDK2V|b3BlbnNzaC1rZXktdjE)",
            rank=1,
            after=65536,
        ),
        rule(
            "private-key",
            rb"PuTTY-User-Key-File-[23]:",
            hint=rb"PuTTY-User-Key-File-[23]:",
            judge=putty_key,
            rank=0,
            after=65536,
        ),
    ]


END = re.compile(rb"-{4,5}END[ _+][A-Z0-9 _+]{0,60}-{4,5}", re.IGNORECASE)


def pem_block(data: bytes, match: Match) -> Hit:
    """Take a PEM block up to its END line, or as much of the body as is there when it was cut."""
    start, end = match.span()
    closing = END.search(data, start + 10, min(len(data), end + 80))
    if closing is not None:
        return Hit(start, closing.end(), "private-key", 0)
    end = start + len(data[start:end].rstrip(b" \t\r\n\"'\\,:|>"))
    return Hit(start, end, "private-key", 0)


def putty_key(data: bytes, match: Match) -> Hit:
    """Take a PuTTY key file up to its MAC line."""
    start = match.span()[0]
    closing = re.compile(rb"Private-MAC:\s*[0-9a-f]+").search(data, start, start + 65536)
    return Hit(start, closing.end() if closing else match.span()[1], "private-key", 0)


def token_rules() -> list[Rule]:
    """Return the rules for tokens that carry their own structure."""
    jwt = rb"ey[JI]" + B64 + rb"{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{4,})?"
    return [
        rule("jwt", rb"(?i)" + jwt, hint=rb"ey[JI]" + B64 + rb"{8}", rank=5, after=8192),
        rule(
            "authorization",
            rb"(?i)\b(?:bearer|basic|negotiate|ntlm|apikey|ssws)(?:\s|%20|\+)\s{0,4}([A-Za-z0-9+/_.~:-]{8,}={0,2})",
            hint=rb"(?:bearer|basic|negotiate|ntlm|apikey|ssws)(?:\s|%20|\+)\s{0,4}[A-Za-z0-9+/_.~:-]{8}",
            judge=scheme_value,
            after=8192,
        ),
        rule(
            "authorization",
            rb"(?i)(?:proxy-)?authorization\\*[\"']?\s{0,4}(?:[:=]|=>|,)\s{0,4}\\*[\"']?"
            rb"(?:(?:bearer|basic|token|digest|apikey|negotiate|hawk|ntlm|ssws|AWS4-HMAC-SHA256|[A-Za-z0-9-]{3,24}key)\s+)?"
            rb"([^\s\"'<>\[\]{}\\][^\r\n\"'<>\[\]\\]*)",
            hint=rb"authorization\\*[\"']?\s{0,4}[:=,]",
            judge=header_value("authorization"),
            after=8192,
        ),
        rule(
            "cookie",
            rb"(?i)(?:set-)?cookie2?\\*[\"']?\s{0,4}[:=]\s{0,4}\\*[\"']?([A-Za-z0-9_.%!#$&*+^`|~-]+=[^\r\n\"'<>\[\]\\]+)",
            hint=rb"cookie2?\\*[\"']?\s{0,4}[:=]\s{0,4}\\*[\"']?[A-Za-z0-9_.%!#$&*+^`|~-]+=",
            judge=header_value("cookie"),
            after=8192,
        ),
        rule(
            "aws-signature",
            rb"(?i)(?:X-Amz-(?:Signature|Security-Token|Credential)|[,;]\s?Signature)(?:=|%3D)([A-Za-z0-9%/+=_.-]{16,})",
            hint=rb"(?:X-Amz-(?:Signature|Security-Token|Credential)|[,;]\s?Signature)(?:=|%3D)",
            group=1,
            after=4096,
        ),
        rule(
            "azure-sas",
            rb"(?i)[?&;]sig(?:=|%3D)([A-Za-z0-9%/+_-]{20,}={0,2})",
            hint=rb"[?&;]sig(?:=|%3D)[A-Za-z0-9%/+_-]{20}",
            group=1,
        ),
    ]


def scheme_value(data: bytes, match: Match) -> Hit | None:
    """Take what follows an authentication scheme, unless it is a word of a sentence or of a format."""
    start, end = match.span(1)
    value = data[start:end].rstrip(b".:-")
    if value.isalpha() and (value.islower() or value.istitle() or len(value) < 16):
        return None
    if classes(value) < 2 and len(value) < 16:
        return None
    if re.fullmatch(rb"[a-z]+(?:[-_./:][a-z]+)*", value):
        return None
    return Hit(start, start + len(value), "authorization", 40)


def header_value(kind: str) -> Judge:
    """Make a judge that takes the value of a header to the end of its line or quotes."""

    def judge(data: bytes, match: Match) -> Hit | None:
        start, end = match.span(1)
        value = data[start:end].rstrip(b" \t,;)")
        if len(value) < 4 or value.startswith((b"$", b"%", b"*", b"Bearer", b"Basic")):
            return None
        if (
            kind == "authorization"
            and re.match(rb"[A-Za-z]+(?: [a-z]+|$)", value)
            and not looks_generated(value)
        ):
            return None  # 'authorization: denied by policy'
        return Hit(start, start + len(value), kind, 40)

    return judge


def url_rules() -> list[Rule]:
    """Return the rules for credentials inside addresses."""
    return [
        rule(
            "url-credentials",
            rb"(?i)[a-z0-9]:\\?/\\?/([^\s/?#\"'<>\\[\]@]+@(?:[^\s/?#\"'<>\\[\]@]+@)?)",
            hint=rb"[a-z0-9]:(?:\\?/){2}",
            judge=userinfo,
            after=2048,
        ),
        rule(
            "url-credentials",  # a password with / or # in it, which a careful writer would have escaped
            rb"(?i)[a-z0-9]:\\?/\\?/([^\s:/?#\"'<>\\[\]@]*:[^\s\"'<>\\[\]@]+@)[a-z0-9.\[-]",
            hint=rb"[a-z0-9]:(?:\\?/){2}",
            judge=userinfo,
            after=2048,
        ),
        rule(
            "url-credentials",  # Go's MySQL driver and Oracle's thin one
            rb"(?i)\b([a-z0-9_.-]+:[^\s@\"'<>\[\]]+@)(?:tcp|unix)\(|jdbc:oracle:thin:([^\s@/\"'\[\]]+/[^\s@\"'\[\]]+@)",
            hint=rb"@(?:tcp|unix)\(|jdbc:oracle:thin:",
            judge=userinfo,
            before=512,
        ),
    ]


NO_ONE = frozenset((b"git@", b"$@", b"hg@", b"svn@"))


def userinfo(data: bytes, match: Match) -> Hit | None:
    """Take user and password of an address, without the @; variables and git's user stay."""
    start, end = match.span(1)
    if start < 0:
        start, end = match.span(2)
    value = data[start:end]
    if value in NO_ONE or re.fullmatch(rb"[$%{(][^:]*(?::[$%{(].*)?@", value):
        return None
    return Hit(start, end - 1, "url-credentials", 15)


HASHES = (
    (
        rb"\$(?:2[abxy]?|argon2(?:id|i|d)|[156y7]|sha1|apr1|scrypt|pbkdf2(?:-sha(?:1|256|512))?|bcrypt-sha256|gy|md5|P|H|S)\$"
        rb"[A-Za-z0-9./+$=,_-]{16,}"
    ),
    rb"(?:pbkdf2_sha(?:1|256)|argon2|bcrypt(?:_sha256)?|scrypt|md5|sha1)\$[A-Za-z0-9./+$=,_-]{24,}",
    rb"(?:scrypt|pbkdf2):[a-z0-9:]{3,40}\$[A-Za-z0-9]{4,64}\$[0-9a-f]{32,}",
    rb"\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2[A-Z0-9-]*|ARGON2|BCRYPT)\}[A-Za-z0-9+/=.$,_-]{16,}",
    rb"SCRAM-SHA-(?:1|256|512)\$[0-9]{3,7}:[A-Za-z0-9+/=$:]{32,}",
    rb"\$krb5(?:tgs|asrep|pa)\$[A-Za-z0-9$*./@:_-]{32,}",
    rb"[0-9]{3,6}:[0-9a-f]{32}:[0-9a-f]{32}:::",
)


def hash_rules() -> list[Rule]:
    """Return the rules for stored passwords."""
    every = rb"(?:" + rb"|".join(HASHES) + rb")"
    hint = (
        rb"(?:\$(?:2[abxy]?|argon2|[156y7PHS]|sha1|apr1|scrypt|pbkdf2|bcrypt|gy|md5|krb5)|pbkdf2_sha[0-9]+|argon2|bcrypt"
        rb"|scrypt|md5|sha1)[a-z0-9_-]{0,8}\$[A-Za-z0-9./+$=,_-]{12}|(?:scrypt|pbkdf2):[a-z0-9:]{3}"
        rb"|\{(?:S?SHA|S?MD5|CRYPT|PBKDF2|ARGON2|BCRYPT)[A-Z0-9-]{0,12}\}|SCRAM-SHA-[0-9]{1,3}\$|\$krb5|:[0-9a-f]{32}:::"
    )
    return [rule("password-hash", rb"(?i)" + every, hint=hint, judge=stored_password, after=2048)]


def stored_password(data: bytes, match: Match) -> Hit | None:
    """Take a stored password, unless a path or a shell variable has the same signs."""
    start, end = match.span()
    value = data[start:end].rstrip(b".,-")
    if data[start] in b"$" and value[3:].isalpha():
        return None
    return Hit(start, start + len(value), "password-hash", 12) if starts_word(data, start) else None


WEBHOOKS = (
    rb"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/_-]{20,})",
    rb"discord(?:app)?\.com/api/(?:v[0-9]{1,2}/)?webhooks/([0-9]{8,22}/[A-Za-z0-9_-]{24,})",
    rb"[a-z0-9-]{1,63}\.webhook\.office\.com/(webhookb2/[A-Za-z0-9@/_-]{24,})",
    rb"outlook\.office(?:365)?\.com/(webhook/[A-Za-z0-9@/_-]{24,})",
    rb"chat\.googleapis\.com/v1/spaces/([^\s\"'<>\[\]]{24,})",
    rb"api\.telegram\.org/bot([0-9]{6,12}:[A-Za-z0-9_-]{24,})",
    rb"hooks\.zapier\.com/hooks/catch/([A-Za-z0-9/]{10,})",
    rb"events\.pagerduty\.com/(?:integration|generic)/([A-Za-z0-9-]{16,})",
    rb"alert\.victorops\.com/integrations/([^\s\"'<>\[\]]{24,})",
    rb"maker\.ifttt\.com/trigger/[A-Za-z0-9_-]{1,64}/(?:json/)?with/key/([A-Za-z0-9_-]{16,})",
    rb"webhook\.site/([0-9a-f-]{36})",
    rb"/(?:web)?hooks?/(?:[a-z]{2,20}/){0,3}([A-Za-z0-9_-]{16,})",
)


def webhook_rules() -> list[Rule]:
    """Return the rules for addresses that are secrets by themselves; host and service stay readable."""
    rules = []
    for expression in WEBHOOKS:
        hint = expression[: expression.index(b"([")] if expression.count(b"([") else expression
        known = not expression.startswith(rb"/(?:web)")
        rules.append(
            rule(
                "webhook",
                rb"(?i)" + expression,
                hint=hint,
                judge=address(known=known),
                before=512,
            )
        )
    return rules


def address(*, known: bool) -> Judge:
    """Make a judge for the secret part of a webhook's address; of unknown services only random parts."""

    def judge(data: bytes, match: Match) -> Hit | None:
        start, end = match.span(1)
        if not known and not looks_generated(data[start:end]):
            return None
        return Hit(start, end, "webhook", 8)

    return judge


def credential_rules() -> list[Rule]:
    """Return all rules of this module."""
    return [*pem_rules(), *token_rules(), *url_rules(), *hash_rules(), *webhook_rules()]
