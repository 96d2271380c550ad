"""What could be done to the rows behind the services' back, and which rule notices."""

from __future__ import annotations

from typing import NamedTuple

OF_HELD = "(select order_id from seller_orders where id = {held})"
TXN_LIKE = "insert into ledger_txns (key, kind, memo, livemode, order_id, seller_order_id, workshop_id, at) select"
COLUMNS = "kind, memo, livemode, order_id, seller_order_id, workshop_id, at"


class Spoiled(NamedTuple):
    """`statements` and `subject` are filled with the numbers of a History; `rules` all notice, one names the row."""

    what: str
    statements: tuple[str, ...]
    rules: frozenset[str]
    subject: str


def spoiled(what: str, *statements: str, rules: str, subject: str) -> Spoiled:
    return Spoiled(what, statements, frozenset(rules.split()), subject)


def of(key: str, account: str = "%") -> str:
    """The entries of a transaction, those of one account."""
    return f"where txn_id = (select id from ledger_txns where key = '{key}') and account like '{account}'"


SPOILED = (
    spoiled(
        "an amount is changed",
        "update ledger_entries set amount = amount + 1 " + of("charge:{charge}", "buyer_funds"),
        rules="balanced charges held",
        subject="charge:{charge}",
    ),
    spoiled(
        "an entry is missing",
        "delete from ledger_entries " + of("earn:{earned}", "commission"),
        rules="balanced commission",
        subject="seller_order:{earned}",
    ),
    spoiled(
        "both sides of a charge are changed alike",
        "update ledger_entries set amount = amount * 2 " + of("charge:{charge}"),
        rules="charges held",
        subject="attempt:{charge}",
    ),
    spoiled(
        "a charge is missing",
        "delete from ledger_entries " + of("charge:{charge}"),
        "delete from ledger_txns where key = 'charge:{charge}'",
        rules="charges held",
        subject="attempt:{charge}",
    ),
    spoiled(
        "a transaction has lost its entries",
        "delete from ledger_entries " + of("refund-sent:{before}"),
        rules="balanced refunds",
        subject="refund-sent:{before}",
    ),
    spoiled(
        "an entry has lost its transaction",
        "delete from ledger_txns where key = 'refund-sent:{after}'",
        rules="balanced refunds",
        subject="refund:{after}",
    ),
    spoiled(
        "an entry went to an account that does not exist",
        "update ledger_entries set account = 'pocket' " + of("earn:{earned}", "commission"),
        rules="balanced commission processors",
        subject="earn:{earned}",
    ),
    spoiled(
        "money was booked away from a workshop to another",
        "update ledger_entries set account = 'seller:{other}' " + of("earn:{earned}", "seller:%"),
        rules="payouts workshops",
        subject="workshop:{other}",
    ),
    spoiled(
        "the fee was left with the collective's bank",
        "update ledger_entries set account = 'bank' " + of("charge:{charge}", "processor_fees"),
        rules="charges",
        subject="attempt:{charge}",
    ),
    spoiled(
        "an attempt that was not paid is booked",
        f"{TXN_LIKE} 'charge:{{unpaid}}', {COLUMNS} from ledger_txns where key = 'charge:{{charge}}'",
        rules="balanced charges",
        subject="attempt:{unpaid}",
    ),
    spoiled(
        "something was booked for a payment that never was",
        f"{TXN_LIKE} 'charge:999999', {COLUMNS} from ledger_txns where key = 'charge:{{charge}}'",
        rules="balanced",
        subject="charge:999999",
    ),
    spoiled(
        "a paid attempt is said to have failed",
        "update payment_attempts set status = 'failed' where id = {charge}",
        rules="charges orders refunds",
        subject="attempt:{charge}",
    ),
    spoiled(
        "the order's total is changed",
        "update orders set total_amount = total_amount - 1 where id = " + OF_HELD,
        rules="orders",
        subject="order:{held_order}",
    ),
    spoiled(
        "the paid sum is changed in the attempt",
        "update payment_attempts set amount = amount + 100 where id = {charge}",
        rules="charges orders",
        subject="attempt:{charge}",
    ),
    spoiled(
        "the price of a line is changed",
        "update lines set unit_amount = unit_amount + 1 where seller_order_id = {held}",
        rules="orders",
        subject="seller_order:{held}",
    ),
    spoiled(
        "a part of the order is missing",
        "delete from seller_orders where id = {canceled}",
        rules="orders refunds",
        subject="order:{canceled_order}",
    ),
    spoiled(
        "a paid order is said to be canceled",
        "update orders set status = 'canceled' where id = " + OF_HELD,
        rules="held orders stock",
        subject="order:{held_order}",
    ),
    spoiled(
        "an order is paid without a payment",
        "update orders set status = 'paid' where status = 'awaiting_payment'",
        rules="held news orders",
        subject="order:{unpaid_order}",
    ),
    spoiled(
        "the commission of an earned part is changed",
        "update seller_orders set commission_idr = commission_idr + 10000 where id = {earned}",
        rules="commission",
        subject="seller_order:{earned}",
    ),
    spoiled(
        "a line's commission is changed",
        "update lines set commission_idr = commission_idr + 1 where seller_order_id = {held}",
        rules="commission",
        subject="seller_order:{held}",
    ),
    spoiled(
        "the workshop's share is changed",
        "update seller_orders set payable_idr = payable_idr + 500 where id = {earned}",
        rules="commission workshops",
        subject="seller_order:{earned}",
    ),
    spoiled(
        "a part is said to be earned before its time",
        "update seller_orders set status = 'earned' where id = {held}",
        rules="commission held workshops",
        subject="seller_order:{held}",
    ),
    spoiled(
        "an earned part is said to be on its way",
        "update seller_orders set status = 'shipped' where id = {earned}",
        rules="commission held workshops",
        subject="seller_order:{earned}",
    ),
    spoiled(
        "a refund is booked twice",
        f"{TXN_LIKE} 'refund:{{after}}:again', {COLUMNS} from ledger_txns where key = 'refund:{{after}}'",
        (
            "insert into ledger_entries (txn_id, account, currency, amount) select t2.id, e.account, "
            "e.currency, e.amount from ledger_entries e join ledger_txns t on t.id = e.txn_id and t.key "
            "= 'refund:{after}' join ledger_txns t2 on t2.key = 'refund:{after}:again'"
        ),
        rules="balanced commission refunds workshops",
        subject="refund:{after}:again",
    ),
    spoiled(
        "a refund is sent twice",
        "update refunds set status = 'requested' where id = {after}",
        rules="refunds",
        subject="refund:{after}",
    ),
    spoiled(
        "the amount of a refund is changed",
        "update refunds set amount = amount + 5, goods_amount = goods_amount + 5 where id = {before}",
        rules="refunds",
        subject="refund:{before}",
    ),
    spoiled(
        "a refund that failed is said to have arrived",
        "update refunds set status = 'succeeded' where id = {failed}",
        rules="refunds",
        subject="refund:{failed}",
    ),
    spoiled(
        "a refund has no row any more",
        "delete from refunds where id = {asked}",
        rules="balanced refunds",
        subject="refund:{asked}",
    ),
    spoiled(
        "what a seller order gave back is changed",
        "update seller_orders set refunded_amount = refunded_amount - 1 where id = {earned}",
        rules="refunds",
        subject="seller_order:{earned}",
    ),
    spoiled(
        "more went back than was paid",
        "update seller_orders set refunded_amount = total_amount + 1 where id = {held}",
        rules="held refunds",
        subject="seller_order:{held}",
    ),
    spoiled(
        "what a line gave back is changed",
        "update lines set refunded_quantity = 1 where seller_order_id = {held}",
        rules="refunds",
        subject="line:{held_line}",
    ),
    spoiled(
        "what a payment gave back is changed",
        "update payment_attempts set refunded_amount = 0 where id = {charge}",
        rules="refunds",
        subject="attempt:{charge}",
    ),
    spoiled(
        "a refund belongs to another parcel",
        "update refunds set seller_order_id = {earned} where id = {asked}",
        rules="refunds",
        subject="refund:{asked}",
    ),
    spoiled(
        "money of nobody is taken for an order's",
        "update payment_attempts set is_applied = {true} where id = {on_top}",
        rules="charges orders refunds",
        subject="attempt:{on_top}",
    ),
    spoiled(
        "a refund from the dashboard is said to belong to a parcel",
        "update refunds set seller_order_id = {held} where id = {elsewhere}",
        rules="refunds",
        subject="refund:{elsewhere}",
    ),
    spoiled(
        "a payout's amount is changed",
        "update payouts set amount = amount + 1 where id = {paid}",
        rules="payouts workshops",
        subject="payout:{paid}",
    ),
    spoiled(
        "a payout has lost its lines",
        "delete from payout_lines where payout_id = {draft}",
        rules="payouts",
        subject="payout:{draft}",
    ),
    spoiled(
        "a payout pays for nothing that was booked",
        (
            "update payout_lines set txn_id = 999999 where id = (select min(id) from payout_lines where "
            "payout_id = {draft})"
        ),
        rules="payouts",
        subject="payout_line:{draft_line}",
    ),
    spoiled(
        "what a workshop earned is paid out twice",
        "drop index uq_payout_lines_settled",
        (
            "update payout_lines set txn_id = (select min(txn_id) from payout_lines where payout_id = "
            "{paid}) where id = (select min(id) from payout_lines where payout_id = {draft})"
        ),
        rules="payouts",
        subject="payout_line:{draft_line}",
    ),
    spoiled(
        "a payout that was paid is said to be canceled",
        "update payouts set status = 'canceled' where id = {paid}",
        rules="payouts workshops",
        subject="payout:{paid}",
    ),
    spoiled(
        "a payout that came back is said to have arrived",
        "update payouts set status = 'paid' where id = {returned}",
        rules="payouts workshops",
        subject="payout:{returned}",
    ),
    spoiled(
        "a payout is not booked",
        "delete from ledger_entries " + of("payout:{paid}"),
        "delete from ledger_txns where key = 'payout:{paid}'",
        rules="payouts workshops",
        subject="payout:{paid}",
    ),
    spoiled(
        "a payout of demo money is said to be live",
        "update payouts set livemode = {true} where id = {draft}",
        "update payout_runs set livemode = {true} where id = (select run_id from payouts where id = {draft})",
        rules="live",
        subject="payout:{draft}",
    ),
    spoiled(
        "a demo payment is said to be live",
        "update payment_attempts set livemode = {true} where id = {charge}",
        rules="live",
        subject="attempt:{charge}",
    ),
    spoiled(
        "what a bank took is changed",
        "update disputes set withdrawn_amount = withdrawn_amount + 1 where id = {dispute}",
        rules="processors",
        subject="dispute:{dispute}",
    ),
    spoiled(
        "a dispute is closed without saying who bears it",
        "update disputes set borne_by = 'collective' where id = {dispute}",
        rules="processors",
        subject="dispute:{dispute}",
    ),
    spoiled(
        "a dispute has no row any more",
        "delete from disputes where id = {dispute}",
        rules="balanced",
        subject="dispute-withdrawn:{dispute}",
    ),
    spoiled(
        "a piece was sold that was not there",
        "update variants set stock = -1 where id = {variant}",
        rules="stock",
        subject="variant:{variant}",
    ),
    spoiled(
        "the pieces of a paid order were given back",
        "update orders set stock_returned_at = paid_at where id = " + OF_HELD,
        rules="stock",
        subject="order:{held_order}",
    ),
    spoiled(
        "a buyer was never told",
        "delete from mails where key = 'order_paid:' || " + OF_HELD,
        rules="news",
        subject="order:{held_order}",
    ),
)
