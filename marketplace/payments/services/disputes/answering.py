"""Answering a bank: gather, and send it once. A bank reads one answer, and none after its deadline."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import NotFound

from ...errors import DisputeOver, EvidenceRefused, EvidenceTooLate, EvidenceTooLong, NothingGathered, ProcessorAway
from ...evidence import MAX_LENGTH, SENT, Evidence
from ...models import Dispute, DisputeStatus
from ...processors import DisputeState, ProcessorDown, Refused
from ...queries.evidence import evidence_texts
from ..facts import processor_of
from .rounds import ask_again, key_of_answer
from .settling import write_dispute

log = logging.getLogger(__name__)

ANSWERABLE = (DisputeStatus.INQUIRY, DisputeStatus.NEEDS_RESPONSE)


def note_evidence(dispute_id: int, code: str, value: str | bool, by: int) -> None:
    """Write down a text for the bank, or tick a point of the list off (True) and on again (False).

    `code` is one of `evidence.Evidence`.

    Raises:
        NotFound: there is no such dispute, or no such point on the list.
        DisputeOver: the bank has our answer, or has decided.
        EvidenceTooLong: as its sentence says.
    """
    if code not in set(Evidence):
        raise NotFound("evidence", code)
    if isinstance(value, str) and len(value) > MAX_LENGTH:
        raise EvidenceTooLong(limit=MAX_LENGTH)
    with transaction():
        dispute = _answerable(dispute_id)
        before = dict(dispute.evidence.get(code, {}))
        noted = {"text": value.strip()} if isinstance(value, str) else {"done": value}
        after = {**before, **noted, "by": by, "at": clock.now().isoformat()}
        dispute.evidence = {**dispute.evidence, code: after}
        facts = {"code": code, "length": len(after.get("text", "")), "done": bool(after.get("done"))}
        record("dispute.evidence", "dispute", dispute.id, by, after=facts)


def submit_evidence(dispute_id: int, by: int) -> DisputeStatus:
    """Send what was gathered to the bank, once; the status afterwards. Outside any transaction.

    What is sent is frozen before the call: after a lost answer the same goes out again under the same key.

    Raises:
        NotFound: there is no such dispute.
        DisputeOver, EvidenceTooLate, NothingGathered: as their sentences say.
        EvidenceRefused: a definite no; what was gathered can be changed and sent again.
        ProcessorAway: nobody knows whether it arrived; send it again.
    """
    processor_name, external_id, key, texts = _freeze(dispute_id)
    try:
        state = processor_of(processor_name).submit_evidence(external_id, key, texts)
    except Refused as error:
        _thaw(dispute_id, by, str(error))
        raise EvidenceRefused(words=str(error)[:200]) from error
    except ProcessorDown as error:
        raise ProcessorAway from error
    return _note_sent(dispute_id, processor_name, state, by)


def _freeze(dispute_id: int) -> tuple[str, str, str, dict[str, str]]:
    """(processor, its name of the dispute, our key, what is sent)"""
    with transaction():
        dispute = _answerable(dispute_id)
        if dispute.due_by is not None and dispute.due_by < clock.now():
            raise EvidenceTooLate
        texts: dict[str, str] = dispute.evidence.get(SENT) or evidence_texts(dispute_id)
        if not any(texts.get(code) for code in Evidence):
            raise NothingGathered
        dispute.evidence = {**dispute.evidence, SENT: texts}
        return dispute.processor, dispute.external_id, key_of_answer(dispute), texts


def _thaw(dispute_id: int, by: int, words: str) -> None:
    log.error("dispute %s: the processor refused our evidence: %s", dispute_id, words)
    with transaction():
        ask_again(locked(Dispute, dispute_id))
        record("dispute.refused", "dispute", dispute_id, by, reason=words)


def _note_sent(dispute_id: int, processor_name: str, state: DisputeState, by: int) -> DisputeStatus:
    with transaction():
        status = write_dispute(processor_name, state)  # it holds the order first, as the bank's own message does
        query = sa.update(Dispute).where(Dispute.id == dispute_id, Dispute.submitted_at.is_(None))
        sent = db.session.execute(query.values(submitted_at=clock.now()))
        if sent.rowcount:  # type: ignore[attr-defined]
            record("dispute.submit", "dispute", dispute_id, by, after={"status": status.value})
    return status


def _answerable(dispute_id: int) -> Dispute:
    dispute = locked(Dispute, dispute_id)
    if dispute.status not in ANSWERABLE or dispute.submitted_at is not None:
        raise DisputeOver
    return dispute
