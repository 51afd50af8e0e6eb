"""The cache for rate limits and the like; with the broker away, pages go on without it."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)
_AWAY = (RedisConnectionError, RedisTimeoutError, OSError)


class PatientRedisCache(RedisCache):
    """Answers 'not there' while its server is away: somebody who must acknowledge at 3 a.m. can log in."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except _AWAY as error:
            return self._without(error, answer=default)

    def set(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except _AWAY as error:
            self._without(error, answer=None)

    def add(self, key: Any, value: Any, timeout: Any = 300, version: int | None = None) -> bool:
        try:
            return bool(super().add(key, value, timeout, version))
        except _AWAY as error:
            return bool(self._without(error, answer=True))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        try:
            return int(super().incr(key, delta, version))
        except _AWAY as error:
            return int(self._without(error, answer=delta))

    def delete(self, key: Any, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except _AWAY as error:
            return bool(self._without(error, answer=False))

    @staticmethod
    def _without(error: Exception, *, answer: Any) -> Any:
        logger.warning("the cache is away (%s)", type(error).__name__)
        return answer
