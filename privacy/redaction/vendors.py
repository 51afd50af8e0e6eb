"""The shapes of vendors' tokens: a prefix that the vendor chose, then an alphabet and a least length.

Sources: the vendors' own documentation of their formats. Matching ignores case, since texts get
upper-cased on their way; the prefixes are telling enough for that.
"""

from privacy.redaction.randomness import HEX as HEX_ONLY
from privacy.redaction.randomness import looks_generated
from privacy.redaction.rules import Judge, Match, Rule, rule, starts_word
from privacy.redaction.spans import Hit

ALNUM = rb"[A-Za-z0-9]"
WORD = rb"[A-Za-z0-9_]"
SLUG = rb"[A-Za-z0-9_-]"
DOTTED = rb"[A-Za-z0-9_.-]"
BASE64 = rb"[A-Za-z0-9+/_-]"
HEX = rb"[0-9a-f]"
UPPER = rb"[A-Z0-9]"

# type, prefix, alphabet, least length after the prefix
TOKENS: tuple[tuple[str, bytes, bytes, int], ...] = (
    ("aws-access-key-id", rb"(?:AKIA|ASIA|ABIA|ACCA|AIDA|AROA|AGPA|AIPA|ANPA|ANVA)", rb"[A-Z2-7]", 16),
    ("aws-bedrock-key", rb"ABSK", BASE64, 60),
    ("gcp-api-key", rb"AIza", SLUG, 35),
    ("gcp-oauth-token", rb"ya29\.", SLUG, 20),
    ("gcp-oauth-secret", rb"GOCSPX-", SLUG, 20),
    ("azure-client-secret", rb"[A-Za-z0-9_~.]{3}[78]Q~", rb"[A-Za-z0-9_~.-]", 31),
    ("github-token", rb"gh[pousr]_", ALNUM, 30),
    ("github-token", rb"github_pat_", WORD, 36),
    ("gitlab-token", rb"(?:glpat|gldt|glrt|glptt|glft|glcbt|glimt|glagent|gloas|glsoat|glffct)-", DOTTED, 16),
    ("gitlab-token", rb"GR1348941", SLUG, 20),
    ("slack-token", rb"xox[abeoprsc](?:\.xox[bp])?-", rb"[A-Za-z0-9.-]", 16),
    ("slack-token", rb"xapp-", rb"[A-Za-z0-9-]", 24),
    ("stripe-key", rb"(?:sk|rk|pk)_(?:live|test)_", ALNUM, 14),
    ("stripe-key", rb"whsec_", BASE64, 20),
    ("npm-token", rb"npm_", ALNUM, 30),
    ("pypi-token", rb"pypi-A", SLUG, 40),
    ("docker-token", rb"dckr_(?:pat|oat)_", SLUG, 20),
    ("anthropic-key", rb"sk-ant-", SLUG, 20),
    ("openai-key", rb"sk-(?:proj|svcacct|admin|or-v1)-", SLUG, 20),
    ("huggingface-token", rb"(?:hf|api_org)_", ALNUM, 30),
    ("ai-provider-key", rb"(?:gsk_|xai-|pplx-|nvapi-|r8_|fw_|tgp_v1_|csk-)", SLUG, 30),
    ("digitalocean-token", rb"do[opr]_v1_", HEX, 32),
    ("hashicorp-token", rb"hv[sbr]\.", SLUG, 20),
    ("terraform-token", rb"[A-Za-z0-9]{14}\.atlasv1\.", SLUG, 40),
    ("grafana-token", rb"gl(?:sa|c)_", rb"[A-Za-z0-9+/=_]", 32),
    ("newrelic-key", rb"NR(?:AK|II|AA|RA|JS|MA)-", SLUG, 19),
    ("sendgrid-key", rb"SG\.[A-Za-z0-9_-]{16,32}\.", SLUG, 16),
    ("mailchimp-key", rb"[0-9a-f]{32}-us", rb"[0-9]", 1),
    ("mailgun-key", rb"key-", HEX, 32),
    ("brevo-key", rb"xkeysib-", rb"[0-9a-z-]", 64),
    ("twilio-key", rb"SK", HEX, 32),
    ("shopify-token", rb"shp(?:at|ca|pa|ss|tka)_", HEX, 32),
    ("square-token", rb"sq0(?:atp|csp|idp)-", SLUG, 22),
    ("square-token", rb"EAAA", SLUG, 56),
    ("facebook-token", rb"EAA[A-Z]", ALNUM, 80),
    ("telegram-token", rb"[0-9]{8,10}:AA", SLUG, 32),
    ("discord-token", rb"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.", SLUG, 27),
    ("atlassian-token", rb"AT(?:ATT3x|CTT3x|BB)", rb"[A-Za-z0-9_=-]", 24),
    ("artifactory-token", rb"AKC[a-z0-9]", ALNUM, 60),
    ("artifactory-token", rb"cmVmd", BASE64, 50),
    ("databricks-token", rb"dapi", HEX, 32),
    ("datadog-key", rb"dd[ap]_", ALNUM, 30),
    ("dynatrace-token", rb"dt0[a-z][0-9]{2}\.", rb"[A-Z0-9.]", 40),
    ("doppler-token", rb"dp\.(?:pt|st|ct|sa|scim|audit)\.", rb"[A-Za-z0-9._-]", 36),
    ("linear-key", rb"lin_(?:api|oauth)_", ALNUM, 32),
    ("notion-token", rb"ntn_", ALNUM, 36),
    ("postman-key", rb"PMAK-", rb"[0-9a-f-]", 48),
    ("pulumi-token", rb"pul-", HEX, 40),
    ("planetscale-token", rb"pscale_(?:tkn|oauth|pw)_", rb"[A-Za-z0-9=._-]", 32),
    ("sentry-token", rb"sntry[su]_", rb"[A-Za-z0-9+/=_-]", 32),
    ("supabase-key", rb"sb(?:p|_secret)_", SLUG, 30),
    ("figma-token", rb"fig[du]_", SLUG, 36),
    ("airtable-token", rb"pat[A-Za-z0-9]{14}\.", HEX, 64),
    ("rubygems-key", rb"rubygems_", HEX, 40),
    ("crates-token", rb"cio", ALNUM, 32),
    ("nuget-key", rb"oy2", rb"[a-z0-9]", 43),
    ("clojars-token", rb"CLOJARS_", rb"[a-z0-9]", 60),
    ("1password-token", rb"ops_eyJ", BASE64, 100),
    ("age-key", rb"AGE-SECRET-KEY-1", rb"[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]", 50),
    ("alibaba-access-key-id", rb"LTAI", ALNUM, 16),
    ("tencent-secret-id", rb"AKID", ALNUM, 28),
    ("okta-token", rb"SSWS 00", SLUG, 36),
    ("tailscale-key", rb"tskey-", SLUG, 16),
    ("flyio-token", rb"(?:FlyV1 )?fm[12][ar]?_", rb"[A-Za-z0-9+/=,_-]", 80),
    ("vercel-token", rb"vc[pkisr]_", ALNUM, 24),
    ("prefect-key", rb"pn[ub]_", ALNUM, 34),
    ("buildkite-token", rb"bk(?:ua|aat|ag)_", ALNUM, 38),
    ("circleci-token", rb"CCI(?:PAT|PRJ)_", WORD, 40),
    ("elastic-key", rb"essu_", BASE64, 40),
    ("contentful-token", rb"CFPAT-", SLUG, 40),
    ("easypost-key", rb"EZ[AT]K", ALNUM, 50),
    ("frameio-token", rb"fio-u-", SLUG, 60),
    ("adafruit-key", rb"aio_", ALNUM, 28),
    ("cloudflare-token", rb"v1\.0-[0-9a-f]{24}-", HEX, 100),
)


def generated(kind: str) -> Judge:
    """Make a judge for prefixes that ordinary names share: what follows must look drawn at random."""

    def judge(data: bytes, match: Match) -> Hit | None:
        start, end = match.span()
        body = match.span(1)
        value = data[body[0] : body[1]]
        if HEX_ONLY.fullmatch(value) or not starts_word(data, start) or not looks_generated(value):
            return None
        return Hit(start, end, kind, 30)

    return judge


def vendor_rules() -> list[Rule]:
    """Return a rule a vendor shape, and those for prefixes that anybody may have chosen."""
    rules = [
        rule(
            kind,
            rb"(?i)" + prefix + alphabet + b"{%d,}" % least,
            hint=prefix + alphabet + b"{%d}" % min(least, 12),
            rank=10,
            after=4096,
        )
        for kind, prefix, alphabet, least in TOKENS
    ]
    rules.append(
        rule(
            "api-key",
            rb"(?i)(?:sk|pk|rk|pat|tok|key|api|token|secret)[_-](?:[a-z0-9]{1,8}[_-]){0,2}([A-Za-z0-9]{20,})",
            hint=rb"(?:sk|pk|rk|pat|tok|key|api|token|secret)[_-](?:[a-z0-9]{1,8}[_-]){0,2}[A-Za-z0-9]{20}",
            judge=generated("api-key"),
            after=4096,
        )
    )
    return rules
