"""Disputes at the demo processor."""

from __future__ import annotations

from collections.abc import Mapping

from .. import DisputeState


def fetch_dispute(external_id: str) -> DisputeState:
    raise NotImplementedError


def submit_evidence(external_id: str, key: str, evidence: Mapping[str, str]) -> DisputeState:
    raise NotImplementedError
