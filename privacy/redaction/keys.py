"""What the name of a setting says about its value: password, token, key, secret, or nothing secret."""

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

# What must occur in every name that is looked at; the prefilter searches for these.
KEYWORDS = (
    rb"passw|passphrase|passcode|passwd|[_.-]pass\b|\bpass\b|pwd|secret|token|credential|creds\b|senha|contrase|kennwort|passwort"
    rb"|mot_?de_?passe|api[ _.-]?key|apikey|access[ _.-]?key|private[ _.-]?key|signing[ _.-]?key|encryption[ _.-]?key|master[ _.-]?key"
    rb"|account[ _.-]?key|storage[ _.-]?key|auth[ _.-]?key|ssh[ _.-]?key|license[ _.-]?key|subscription[ _.-]?key|client[ _.-]?key"
    rb"|shared[_.-]?(?:access)?[ _.-]?key|hmac[ _.-]?key|service[ _.-]?key|deploy[ _.-]?key|crypt(?:o)?[ _.-]?key|session[ _.-]?key"
    rb"|write[ _.-]?key|app[ _.-]?key|integration[ _.-]?key|routing[ _.-]?key|shared[_.-]?access[_.-]?signature|jwt|bearer"
    rb"|connection[ _.-]?string|\bdsn\b|[_.-]dsn\b|session[_.-]?id|sessid|\b_?auth\b|[_.-]auth\b|webhook[_.-]?url|salt\b|pepper\b|mnemonic"
    rb"|seed[_.-]?phrase|recovery[ _.-]?code|\botp\b|totp|cookie|\bpsk\b|preshared|pre[_.-]shared"
    rb"|requirepass|masterauth|[ _.-]key\b|\bkey\b|license"
)


class Strength(IntEnum):
    """How sure the name makes it that the value is secret."""

    NONE = 0
    FAINT = 1  # 'key', 'license': most of them are names; only what is drawn at random is secret
    WEAK = 2  # 'token', 'secret', 'auth' alone: a name of an object is as likely
    STRONG = 3


class Meaning(NamedTuple):
    """The type of a value by its key's name, and how sure that is."""

    type: str
    strength: Strength


NOTHING = Meaning("", Strength.NONE)
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words after the telling one that change nothing: DB_PASSWORD_OLD, client-key-data, TOKEN_1.
TRAILING_WORDS = """
b64 base64 current data default dev encoded encrypted env in live main new next old plain plaintext prev
previous primary prod production raw read ro rw sandbox secondary stage staging str string test text val
value write
"""
TRAILING = frozenset(TRAILING_WORDS.split())
# Last words that make it the name, the place or a property of a secret, not the secret.
PROPERTY_WORDS = """
account age agent alg algorithm allowed annotation annotations at attempts audience audiences
authenticator automount backend binding bucket budget cache change changed checksum class cleaner
complexity config configuration controller cost count counts created csi date days deleted digest dir
directory disabled driver enabled endpoint error errors exp expiration expires expiry failed failure
field fields file filename files fingerprint flow forgot forgotten format found generator grant group
groups hash_algorithm header headers hint host hours id ids info interval invalid issuer item items
key_ref kind label labels len length limit limits list manager max metadata method methods min minutes
missing mode mount mounts name names namespace namespaces operator optional options owner parameter
params path paths per period plugin policies policy port prefix projection provider pub public question
reader reason ref reference refs remaining request requests required reset retries review reviewer
reviews revision role roles rotated rotation rotator rule rules scope scopes seconds selector server
service settings size source sources state status store store_ref stores strength suffix sync syncer
template time timeout timestamp ttl type types updated uri url urls usage used user username validation
validator version versions volume volumes webhook
"""
PROPERTY = frozenset(PROPERTY_WORDS.split())
PASSWORD = re.compile(
    r"pass(?:word|wd|wort|phrase|code)|passwd|passw|requirepass|masterauth|pwd|senha|contrase|kennwort|motdepasse|preshared|recoverycode|seedphrase|mnemonic"
)
KEY = re.compile(
    r"(?:api|access|secret|private|signing|encryption|master|account|storage|auth|ssh|license|subscription|client|shared"
    r"|hmac|service|deploy|crypt|crypto|session|write|app|integration|routing|sharedaccess)keys?"
)
QUALIFIED = re.compile(
    r"(?:client|app|application|consumer|oauth2?|jwt|webhook|shared|api|aws|azure|gcp|signing|session|django|flask|cookie|encryption|access|db|bot|slack"
    r"|github|gitlab|hmac|master|root|admin|user|auth|refresh|id|bearer|personal|deploy|registry|vault|npm|pypi|security|csrf)secrets?\Z"
    r"|(?:access|auth|authentication|api|refresh|bot|slack|session|security|bearer|github|gitlab|npm|vault|oauth2?|personal|deploy|id|csrf|xsrf|identity"
    r"|registry|user|app|client|admin|root|device|push|csrf|join|bootstrap|enroll?ment|agent|telegram|discord)tokens?\Z"
)
STRONG_WORDS = {
    "pass": "password",
    "pwd": "password",
    "psk": "password",
    "creds": "credential",
    "credentials": "credential",
    "credential": "credential",
    "totp": "password",
    "otp": "password",
    "salt": "secret",
    "pepper": "secret",
}
WEAK_WORDS = {
    "token": "token",
    "tokens": "token",
    "secret": "secret",
    "secrets": "secret",
    "jwt": "token",
    "bearer": "token",
    "auth": "credential",
    "dsn": "credential",
    "cookie": "cookie",
    "sessid": "token",
}
GLUED = {
    "connectionstring": "credential",
    "sharedaccesssignature": "credential",
    "sessionid": "token",
    "sessid": "token",
    "webhookurl": "webhook",
}


@lru_cache(maxsize=8192)
def meaning(name: str) -> Meaning:
    """Say what kind of value a setting of this name holds.

    The last telling word decides: `dbPassword` holds a password, `passwordFile` a path,
    `tokenExpirationSeconds` a number.
    """
    words = [word.lower() for word in WORDS.findall(name)]
    glued = "".join(words)
    for ending, kind in GLUED.items():
        if glued.endswith(ending):
            return Meaning(kind, Strength.STRONG)
    while words and (words[-1] in TRAILING or words[-1].isdigit()):
        words.pop()
    if not words or words[-1] in PROPERTY:
        return NOTHING
    return by_words(words, name)


def by_words(words: list[str], name: str) -> Meaning:
    """Judge by the words that remain, from the surest kind to the vaguest."""
    glued, last = "".join(words), words[-1]
    if PASSWORD.search(glued):
        return Meaning("password", Strength.STRONG)
    if last in STRONG_WORDS:
        return Meaning(STRONG_WORDS[last], Strength.STRONG)
    if KEY.search(glued):
        return Meaning("key", Strength.STRONG) if "public" not in words else NOTHING
    if QUALIFIED.search(glued):
        return Meaning("secret" if "secret" in last else "token", Strength.STRONG)
    return by_last_word(last, shouted=name.isupper() and len(words) > 1, public="public" in words)


def by_last_word(last: str, *, shouted: bool, public: bool) -> Meaning:
    """Judge by the last word alone; in the capitals of environment variables it is surer."""
    kind = WEAK_WORDS.get(last) or (
        "token" if last.endswith("token") else "secret" if last.endswith("secret") else ""
    )
    if kind:
        return Meaning(kind, Strength.STRONG if shouted else Strength.WEAK)
    if last in ("key", "license") and not public:
        return Meaning("key", Strength.FAINT)
    return NOTHING
