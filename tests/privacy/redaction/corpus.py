"""What the redactor must find and what it must leave: each secret class with a benign twin beside it.

Secrets are made from a seed when the tests run; none stands in the repository.
"""

import base64
import random
import string
from dataclasses import dataclass

ALNUM = string.ascii_letters + string.digits
URLSAFE = ALNUM + "-_"
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"


class Draw:
    """Draws the random parts of fake secrets."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def __call__(self, alphabet: str, length: int) -> str:
        body = "".join(self._random.choices(alphabet, k=length - 1))
        return body + self._random.choice([sign for sign in alphabet if sign.isalnum()])

    def b64(self, length: int) -> str:
        return base64.b64encode(self._random.randbytes(length)).decode()

    def password(self) -> str:
        return self(ALNUM, 5) + "!" + self(ALNUM, 6)


@dataclass(frozen=True)
class Case:
    """A secret of a type, and the same surroundings with something innocent in its place."""

    type: str
    secret: str
    twin: str


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def pem(draw: Draw, name: str, newline: str = "\n") -> str:
    body = newline.join(draw.b64(48) for _ in range(12))
    return f"-----BEGIN {name}-----{newline}{body}{newline}-----END {name}-----"


def shaped(seed: int = 1) -> list[Case]:
    """Credentials that are known by their form alone."""
    d = Draw(seed)
    digest = d(HEX, 64)
    jwt = f"{b64('{' + chr(34) + 'alg' + chr(34) + ':' + chr(34) + 'HS256' + chr(34) + '}').rstrip('=')}.{d(URLSAFE, 60)}.{d(URLSAFE, 43)}"
    return [
        Case("aws-access-key-id", "AKIA" + d(UPPER, 16), "AKIA is the prefix of key ids"),
        Case("aws-access-key-id", "ASIA" + d(UPPER, 16), "ASIA-PACIFIC-SOUTHEAST"),
        Case("gcp-api-key", "AIza" + d(URLSAFE, 35), "AIzawa"),
        Case("gcp-oauth-secret", "GOCSPX-" + d(URLSAFE, 28), "GOCSPX-"),
        Case("azure-client-secret", d(ALNUM, 3) + "8Q~" + d(ALNUM, 34), "8Q~"),
        Case("github-token", "ghp_" + d(ALNUM, 36), "ghp_short"),
        Case("github-token", "github_pat_" + d(ALNUM, 22) + "_" + d(ALNUM, 59), "github_pat_policy"),
        Case("gitlab-token", "glpat-" + d(URLSAFE, 20), "glpat-rotation"),
        Case(
            "slack-token", f"xoxb-{d(string.digits, 12)}-{d(string.digits, 12)}-{d(ALNUM, 24)}", "xoxb-token"
        ),
        Case("stripe-key", "sk_live_" + d(ALNUM, 24), "sk_live_mode"),
        Case("npm-token", "npm_" + d(ALNUM, 36), "npm_config_registry"),
        Case("pypi-token", "pypi-AgEIcHlwaS5vcmc" + d(URLSAFE, 80), "pypi-mirror-7d9f8b6c5d-x2x9k"),
        Case("docker-token", "dckr_pat_" + d(URLSAFE, 27), "dckr_pat_"),
        Case("openai-key", "sk-proj-" + d(URLSAFE, 74), "sk-proj-checkout"),
        Case("anthropic-key", "sk-ant-api03-" + d(URLSAFE, 90), "sk-ant-hill"),
        Case("api-key", "sk-" + d(ALNUM, 48), "sk-checkout-7d9f8b6c5d-x2x9k"),
        Case("huggingface-token", "hf_" + d(ALNUM, 34), "hf_transformers"),
        Case("hashicorp-token", "hvs." + d(URLSAFE, 90), "hvs.local"),
        Case("digitalocean-token", "dop_v1_" + d(HEX, 64), "dop_v1_"),
        Case("grafana-token", "glsa_" + d(ALNUM, 32) + "_" + d(HEX, 8), "glsa_readme"),
        Case("sendgrid-key", f"SG.{d(URLSAFE, 22)}.{d(URLSAFE, 43)}", "SG.example"),
        Case("telegram-token", f"{d('123456789', 9)}:AA{d(URLSAFE, 33)}", "123456789:AA"),
        Case("databricks-token", "dapi" + d(HEX, 32), "dapi-deployment"),
        Case("shopify-token", "shpat_" + d(HEX, 32), "shpat_none"),
        Case("atlassian-token", "ATATT3x" + d(URLSAFE, 180), "ATATT"),
        Case("age-key", "AGE-SECRET-KEY-1" + d("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58), "AGE-SECRET-KEY"),
        Case("alibaba-access-key-id", "LTAI" + d(ALNUM, 20), "LTAI"),
        Case("jwt", jwt, "eyJhbGciOi"),
        Case("private-key", pem(d, "RSA PRIVATE KEY"), pem(d, "CERTIFICATE")),
        Case("private-key", pem(d, "PRIVATE KEY", "\\n"), pem(d, "PUBLIC KEY", "\\n")),
        Case("private-key", pem(d, "OPENSSH PRIVATE KEY", " "), "-----BEGIN SSH2 PUBLIC KEY-----"),
        Case("private-key", pem(d, "PGP PRIVATE KEY BLOCK"), pem(d, "CERTIFICATE REQUEST")),
        Case(
            "url-credentials",
            f"https://deploy:{d(ALNUM, 12)}@git.example.com/shop.git",
            "https://git.example.com/shop.git",
        ),
        Case(
            "url-credentials",
            f"postgres://app:{d.password()}@db.shop.svc:5432/orders",
            "postgres://db.shop.svc:5432/orders",
        ),
        Case("url-credentials", f"redis://:{d(ALNUM, 16)}@cache:6379/0", "redis://cache:6379/0"),
        Case(
            "url-credentials",
            f"mongodb+srv://u:{d(ALNUM, 16)}@c0.example.net/x?w=majority",
            "mongodb+srv://c0.example.net/x?w=majority",
        ),
        Case(
            "url-credentials",
            f"https://{d(HEX, 32)}@o1.ingest.sentry.example/42",
            "ssh://git@git.example.com/shop.git",
        ),
        Case("url-credentials", f"amqp://u:${{X}}{d(ALNUM, 9)}@mq/", "amqp://${USER}:${PASSWORD}@mq/"),
        Case("password-hash", "$2b$12$" + d(ALNUM + "./", 53), "$2 and $12 for $100"),
        Case("password-hash", f"$argon2id$v=19$m=65536,t=3,p=4${d(ALNUM, 22)}${d(ALNUM, 43)}", "$argon2id"),
        Case("password-hash", f"$6$rounds=5000${d(ALNUM, 16)}${d(ALNUM + './', 86)}", "$6"),
        Case("password-hash", f"pbkdf2_sha256$870000${d(ALNUM, 22)}${d.b64(32)}", "pbkdf2_sha256"),
        Case("password-hash", "{SSHA}" + d.b64(24), "{SSHA}"),
        Case(
            "webhook",
            f"https://hooks.slack.com/services/T{d(UPPER, 10)}/B{d(UPPER, 10)}/{d(ALNUM, 24)}",
            "https://api.slack.com/messaging/webhooks",
        ),
        Case(
            "webhook",
            f"https://discord.com/api/webhooks/{d('123456789', 18)}/{d(URLSAFE, 68)}",
            "https://discord.com/api/webhooks",
        ),
        Case(
            "webhook",
            f"https://x.webhook.office.com/webhookb2/{d(HEX, 32)}@{d(HEX, 32)}/IncomingWebhook/{d(HEX, 32)}",
            "https://x.webhook.office.com/",
        ),
        Case(
            "webhook",
            f"https://chat.example.com/hooks/{d(string.ascii_lowercase + string.digits, 26)}",
            "https://chat.example.com/hooks/incoming-checkout",
        ),
        Case("authorization", f"Authorization: Bearer {d(ALNUM, 40)}", "Authorization: Bearer $TOKEN"),
        Case(
            "authorization",
            f"curl -H 'Authorization: Basic {b64('bob:' + d(ALNUM, 12))}' https://x",
            "authorization: denied by policy",
        ),
        Case(
            "authorization", f'-H "authorization: token {d(HEX, 40)}"', "Basic authentication is deprecated"
        ),
        Case("cookie", f"Cookie: session={d(ALNUM, 32)}; theme=dark", "Cookie: none"),
        Case(
            "azure-sas",
            f"https://a.blob.core.windows.net/c?sv=2022&sig={d(ALNUM, 40)}%3D",
            "https://a.blob.core.windows.net/c?sv=2022&page=2",
        ),
        Case(
            "aws-signature",
            f"https://b.s3.amazonaws.com/k?X-Amz-Signature={d(HEX, 64)}",
            f"https://b.s3.amazonaws.com/k?sha256={digest}",
        ),
    ]


def assigned(seed: int = 2) -> list[Case]:
    """Values that are secret by the name they are assigned to."""
    d = Draw(seed)
    p = d.password()
    return [
        Case("password", f"password: {p}", 'password: ""'),
        Case("password", "password: correct horse battery staple", "passwordFile: /etc/app/password"),
        Case("password", f"DB_PASSWORD={p}", "DB_PASSWORD=${DB_PASSWORD}"),
        Case("password", f"export PGPASSWORD='{p}'", "export PGPASSWORD=$(cat /run/secrets/pg)"),
        Case(
            "password",
            f"- name: MYSQL_ROOT_PASSWORD\n  value: {p}",
            "- name: MYSQL_ROOT_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: mysql\n      key: password",
        ),
        Case(
            "password", f'- name: MYSQL_ROOT_PASSWORD\n  value: "{p}"', '- name: LOG_LEVEL\n  value: "debug"'
        ),
        Case(
            "password", f'{{"name":"DB_PASSWORD","value":"{p}"}}', '{"name":"DB_HOST","value":"db.shop.svc"}'
        ),
        Case("password", f'{{"value":"{p}","name":"DB_PASSWORD"}}', '{"value":"checkout","name":"SERVICE"}'),
        Case("password", f'{{"password": "{p}"}}', '{"password": null}'),
        Case("password", f"--password={p}", "--password-file=/run/secrets/pw"),
        Case("password", f"mysql --password {p} -h db", "--set-password-policy strict"),
        Case("password", f'args: ["--db-password", "{p}"]', 'args: ["--db-host", "db.shop.svc"]'),
        Case("password", f"  - --db-password\n  - {p}", "  - --db-name\n  - orders"),
        Case(
            "password", f"spring.datasource.password={p}", "spring.datasource.url=jdbc:postgresql://db/orders"
        ),
        Case(
            "password",
            f"Server=tcp:db,1433;User ID=sa;Password={p};Encrypt=true",
            "Server=tcp:db,1433;Encrypt=true",
        ),
        Case("password", f"host=db user=app password={p} dbname=orders", "host=db user=app dbname=orders"),
        Case("password", f"ALTER USER app WITH PASSWORD '{p}'", "ALTER USER app CREATEDB"),
        Case("password", f"<password>{d(ALNUM, 12)}</password>", "<passwordPolicy>strict</passwordPolicy>"),
        Case("password", f"curl -u bob:{d(ALNUM, 12)} https://x", "curl -u $USER:$PASSWORD https://x"),
        Case("password", f"login failed: wrong password={p}, retry", "login failed: password is incorrect"),
        Case("password", f"password: |\n  {p}\nuser: bob", "password: must be at least 12 characters"),
        Case("key", f"api_key: {d(ALNUM, 20)}", "api_key_name: checkout"),
        Case(
            "key",
            f"https://api.example.com/v1?apikey={d(ALNUM, 20)}&page=2",
            "https://api.example.com/v1?page=2&sort=key",
        ),
        Case("key", f"X-Api-Key: {d(ALNUM, 24)}", "X-Request-Id: 6f1e"),
        Case("key", f"AWS_SECRET_ACCESS_KEY={d(ALNUM + '/+', 40)}", "AWS_REGION=eu-central-1"),
        Case(
            "key",
            f"AccountName=a;AccountKey={d.b64(64)};EndpointSuffix=core.windows.net",
            "AccountName=a;EndpointSuffix=core.windows.net",
        ),
        Case("key", f"client-key-data: {d.b64(120)}", f"certificate-authority-data: {d.b64(120)}"),
        Case("token", f"token: {d(ALNUM, 32)}", 'token: ""'),
        Case("token", f"access_token={d(ALNUM, 20)}", "token_endpoint=https://id.example.com/token"),
        Case("token", f'"refreshToken":"{d(ALNUM, 30)}"', '"tokenExpirationSeconds":3600'),
        Case(
            "token",
            f"//registry.npmjs.org/:_authToken={d(HEX, 36)}",
            "//registry.npmjs.org/:always-auth=true",
        ),
        Case("secret", f"client_secret={d(ALNUM, 24)}", "secretName: checkout-tls"),
        Case("secret", f"JWT_SECRET: {d(ALNUM, 24)}", "secret: checkout-tls"),
        Case("key", f"SECRET_KEY_BASE={d(HEX, 64)}", "secretRef: {name: checkout}"),
        Case("credential", f'"auth": "{d.b64(30)}"', '"auth": "oidc"'),
    ]


def spoken(seed: int = 5) -> list[Case]:
    """Secrets by the words around them, and random values under names that say nothing."""
    d = Draw(seed)
    mixed = "aB3" + d(ALNUM, 29)
    return [
        Case(
            "secret",
            f"login failed for bob with password {d.password()}x9",
            "login failed for bob with password authentication",
        ),
        Case("secret", f"using API key {mixed}", "using API key checkout-readonly"),
        Case("secret", f"the secret is {mixed}", "the secret is checkout-7d9f8b6c5d-x2x9k"),
        Case(
            "secret",
            f"machine api.example.com login bob password {mixed}",
            "machine api.example.com login bob",
        ),
        Case("secret", f"ENV NPM_TOKEN {mixed}", "ENV NPM_TOKEN $NPM_TOKEN"),
        Case(
            "password",
            f"docker login -u bob -p {mixed} registry.example.com",
            "docker login -u bob -p $PASSWORD registry.example.com",
        ),
        Case("password", f"mysqldump -uroot -p{d(ALNUM, 10)} orders", "mysqldump -uroot -p orders"),
        Case("password", f"redis-cli -a {d(ALNUM, 10)} ping", "redis-cli -a $REDISCLI_AUTH ping"),
        Case(
            "bootstrap-token",
            "a1b2c3.d4e5f6" + d("0123456789", 3) + "k7l" + d("0123456789", 3) + "z",
            "config.abcdefghijklmnop",
        ),
        Case(
            "high-entropy",
            f"UPSTREAM={'aB3xY9' * 2}{d(ALNUM, 30)}",
            "kind: V1alpha3ResourcePoolStatusRequestSpec",
        ),
        Case("key", f"x-functions-key: {'aB3xY9' * 2}{d(ALNUM, 30)}", "x-cache-key: " + d(HEX, 40)),
    ]


def personal(seed: int = 3) -> list[Case]:
    """Personal data that is known by its form."""
    d = Draw(seed)
    return [
        Case("email", "maria.silva+k8s@example.pt", "image@sha256:" + d(HEX, 64)),
        Case("email", "josé@exemplo.pt", "getty@tty1.service"),
        Case("email", "bob%40example.com", "git@github.com:shop/checkout.git"),
        Case("ip-address", "203.0.113.7", "v1.28.3.1"),
        Case(
            "ip-address",
            "dial tcp 10.42.7.19:8080: connect: connection refused",
            "registry.example.com/shop/checkout:1.2.3.4",
        ),
        Case("ip-address", '"hostIP":"192.168.17.4"', "version 4.18.0.305"),
        Case("ip-address", "x-forwarded-for: 198.51.100.23", "chart-1.2.3.4"),
        Case("ip-address", "2001:db8:85a3::8a2e:370:7334", "10:20:30"),
        Case("ip-address", "[fe80::1ff:fe23:4567:890a]:443", "std::vector::push_back"),
        Case("ip-address", "::ffff:192.0.2.128", "::1"),
        Case("payment-card", "4242 4242 4242 4242", "4242 4242 4242 4241"),
        Case("payment-card", "378282246310005", "1740823123456789"),
    ]


def innocent(seed: int = 4) -> list[str]:
    """Texts of clusters in which nothing may be taken out."""
    d = Draw(seed)
    return [
        "checkout-7d9f8b6c5d-x2x9k",
        "kube-proxy-x2x9k",
        "postgres-0",
        "ip-families",
        f"registry.example.com:5000/shop/checkout:v1.2.3@sha256:{d(HEX, 64)}",
        f"sha256:{d(HEX, 64)}",
        d(HEX, 40),
        d(HEX, 7),
        f"sha512-{d.b64(64)}",
        "0b1c8f4e-5a0b-4f43-9d8e-2f1c9a7b3d10",
        'uid: "0b1c8f4e-5a0b-4f43-9d8e-2f1c9a7b3d10"',
        'resourceVersion: "123456789012"',
        "500m",
        "1.5Gi",
        "2025-03-01T10:11:12.123456Z",
        "2025-03-01 10:11:12,123",
        "1740823123456",
        "3h25m10s",
        "10.0.0.0/8",
        "0.0.0.0/0",
        "127.0.0.1:8080",
        "CrashLoopBackOff",
        "FailedScheduling",
        "back-off 5m0s restarting failed container=app pod=checkout-7d9f8b6c5d-x2x9k_shop(0b1c8f4e-5a0b-4f43-9d8e-2f1c9a7b3d10)",
        'MountVolume.SetUp failed for volume "tls" : secret "checkout-tls" not found',
        'secret "db-credentials" not found',
        'configmaps "app" not found',
        "imagePullSecrets:\n- name: regcred",
        "secretName: checkout-tls",
        "secretKeyRef:\n  name: db\n  key: password",
        "envFrom:\n- secretRef:\n    name: db-credentials",
        "serviceAccountToken:\n  audience: api\n  expirationSeconds: 3600\n  path: token",
        "automountServiceAccountToken: false",
        'token: ""',
        "password:",
        "password: null",
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
        "tokenPath: /var/run/secrets/tokens/vault",
        "authentication.k8s.io/tokenreviews",
        "tls.key",
        "ca.crt",
        "kubernetes.io/service-account-token",
        "kubernetes.io/dockerconfigjson",
        "app.kubernetes.io/managed-by: Helm",
        "passwordSecretRef:\n  name: db\n  key: password",
        "existingSecret: db-credentials",
        "tokenSecretRef: {name: vault, key: token}",
        "max_tokens: 4096",
        "token_count=512",
        "prompt tokens: 1024",
        'secrets is forbidden: User "system:serviceaccount:shop:app" cannot list resource "secrets"',
        "invalid token: signature mismatch",
        "token: expired",
        "the password was changed",
        "Error: secret not found",
        "credential: expired",
        "auth: basic",
        'Failed to pull image "shop/checkout:v2": rpc error: code = Unknown desc = unauthorized: authentication required',
        "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available",
        "Liveness probe failed: HTTP probe failed with statuscode: 503",
        "pod-template-hash: 7d9f8b6c5d",
        "controller-revision-hash: checkout-6c9f7d8b54",
        'deployment.kubernetes.io/revision: "4"',
        f"certificate-authority-data: {d.b64(300)}",
        f"caBundle: {d.b64(300)}",
        pem(d, "CERTIFICATE"),
        f"checksum/config: {d(HEX, 64)}",
        b64("this is only an ordinary sentence, written in base64"),
        b"some ordinary sentence in hex".hex(),
        "https://shop.example/a%20page?q=kubernetes%20probe",
        "GET /api/v1/namespaces/shop/pods?limit=500&resourceVersion=0",
        'etag: W/"5f-1a2b3c"',
        "kubelet v1.31.4, containerd://1.7.22",
        "Ubuntu 22.04.5 LTS 5.15.0-122-generic",
        "system:serviceaccount:kube-system:token-cleaner",
        "bootstrap.kubernetes.io/token",
        "external-secrets.io/v1beta1",
        "secretstore: vault-backend",
        "SecretProviderClass",
        "type: kubernetes.io/tls",
        "keyAlgorithm: ECDSA",
        "public key algorithm: RSA 2048",
        "private key does not match certificate",
        "privateKeySecretRef: {name: acme}",
        "rotationPolicy: Always",
        "10.96.0.0/12",
        "hash: 6c9f7d8b54",
        "nodeSelector:\n  kubernetes.io/os: linux",
        "name: password-reset\nvalue: enabled",
        "--token-ttl=24h",
        "--tls-private-key-file=/etc/tls/tls.key",
        "--service-account-key-file=/etc/kubernetes/pki/sa.pub",
        "--bearer-token-file /var/run/secrets/token",
        "tokenRequests: []",
        "PASSWORD_MIN_LENGTH=12",
        "cookie: SameSite=Lax"[:7],
    ]
