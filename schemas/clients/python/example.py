"""A bet from Python, from opening an account to its settlement.

    python -m grpc_tools.protoc -I schemas --python_out=OUT schemas/touchline/v1/*.proto
    PYTHONPATH=OUT KAFKA_BOOTSTRAP=127.0.0.1:29092 python schemas/clients/python/example.py

Commands are written as JSON, answers are read as Protobuf: what Touchline writes is always Protobuf. The exit code is 0
only if a bet was accepted. Every rule used here is explained in schemas/CLIENTS.md.
"""

import json
import os
import sys
import time
import uuid

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, Producer, TopicPartition
from touchline.v1 import decision_pb2, journal_pb2, market_pb2, reason_pb2

BROKERS = os.environ["KAFKA_BOOTSTRAP"]
PREFIX = os.environ.get("TOUCHLINE_TOPIC_PREFIX", "")
ACCOUNT = os.environ.get("ACCOUNT", "ana-python")
# How long the whole example may take: it waits for the match to end if that comes sooner.
SECONDS = float(os.environ.get("SECONDS_MAX", "80"))
STARTED = time.monotonic()

# What a refusal asks for. Anything else means: show it to the customer or mend the program; sending again is no use.
LOOK_AGAIN = {  # read the newest prices, ask the customer, send a new bet
    "PRICE_CHANGED", "PRICE_JUMP", "CONSENT_MISSING", "MATERIAL_CHANGE", "MARKET_SUSPENDED", "MARKET_NOT_ACTIVE",
    "OUTCOME_NOT_OFFERED", "PAST_POSTED", "MATCH_OVER",
}
TRY_LATER = {"MARKET_DATA_STALE", "TIME_ELAPSED", "FROZEN", "CAPACITY_REACHED"}  # the same bet under a new id


def say(text):
    print(f"{time.monotonic() - STARTED:5.1f} s  {text}", flush=True)


def seconds_left():
    return SECONDS - (time.monotonic() - STARTED)


def now_ms():
    return int(time.time() * 1000)


def uuid7():
    """48 bits of milliseconds, version 7, 74 random bits (RFC 9562). From Python 3.14 on: uuid.uuid7()."""
    value = (now_ms() << 80) | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(3 << 62) | 2 << 62
    return str(uuid.UUID(int=value))


# ---- writing -------------------------------------------------------------------------------------------------------

producer = Producer({
    "bootstrap.servers": BROKERS,
    "partitioner": "murmur2_random",  # Java's default; librdkafka's own default would send half of it astray
    "enable.idempotence": True,       # no doubles by the client's own retries, and acks=all
    "linger.ms": 0,                   # a bet is not to wait for company
})


def send(topic, body, partition=None):
    """Writes one command, keyed by the account; returns the partition in which the broker has it."""
    failed, landed = [], []

    def delivered(error, message):
        (failed if error else landed).append(error or message.partition())

    where = {} if partition is None else {"partition": partition}
    producer.produce(
        PREFIX + topic,
        key=ACCOUNT,
        value=json.dumps(body),
        headers=[("content-type", b"application/json")],
        on_delivery=delivered,
        **where,
    )
    if producer.flush(30) or failed:
        sys.exit(f"{topic}: not delivered: {failed or 'no answer in 30 s'}")
    return landed[0]


# ---- reading -------------------------------------------------------------------------------------------------------

def reader(topic, offset):
    """A reader of all partitions of a topic, without a consumer group: everybody reads everything."""
    consumer = Consumer({
        "bootstrap.servers": BROKERS,
        "group.id": "not-used",                  # librdkafka wants one; nothing is ever committed
        "enable.auto.commit": False,
        "isolation.level": "read_committed",     # what was aborted was never said
    })
    known = consumer.list_topics(PREFIX + topic, timeout=10).topics[PREFIX + topic]
    if known.error:
        sys.exit(f"{PREFIX + topic}: {known.error}: are the topics made (touchline topics create)?")
    consumer.assign([TopicPartition(PREFIX + topic, partition, offset) for partition in known.partitions])
    return consumer


def records(consumer, seconds):
    """Records as they come, for at most so long."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        record = consumer.poll(min(left, 0.5))
        if record is not None and record.error():
            sys.exit(f"reading: {record.error()}")
        if record is not None:
            yield record


class Prices:
    """Every match as it is now, by applying markets.v1."""

    def __init__(self):
        self.matches = {}  # match id -> the newest MatchUpdate
        self.partitions = {}  # match id -> its partition
        self.through_ms = {}  # partition -> up to when its prices are known to be complete
        self.consumer = reader("markets.v1", OFFSET_BEGINNING)

    def follow(self, seconds):
        """Applies what comes for so long."""
        for record in records(self.consumer, seconds):
            message = market_pb2.MarketMessage.FromString(record.value())
            if message.HasField("watermark"):  # keyless; speaks for its own partition
                self.through_ms[record.partition()] = message.watermark.through_ms
            elif message.HasField("match_update"):
                self.partitions[message.match_update.match_id] = record.partition()
                self.apply(message.match_update)

    def fresh(self, update):
        """Whether a customer may be shown this: its partition has spoken for the last two seconds, and we have heard it."""
        return now_ms() - self.through_ms.get(self.partitions[update.match_id], 0) < 2000

    def apply(self, update):
        before = self.matches.get(update.match_id)
        version = before.version if before else 0
        if update.version <= version:
            return  # known already
        if update.version != version + 1:
            # Never guess over a gap: read the topic again from an earlier place.
            sys.exit(f"{update.match_id}: version {update.version} follows {version}")
        self.matches[update.match_id] = update  # whole: it replaces everything of the match

    def favourite(self):
        """Of the matches that run, the offer of 1X2 that is the most likely to win, with odds of 1.10 or more."""
        offers = [
            (outcome.fair_billionths, update, outcome)
            for update in self.matches.values()
            if update.phase == market_pb2.MATCH_PHASE_IN_PLAY and self.fresh(update)
            for market in update.markets
            if market.market == "1x2" and market.status == market_pb2.MARKET_STATUS_ACTIVE
            for outcome in market.outcomes
            if outcome.status == market_pb2.OUTCOME_STATUS_OFFERED and outcome.price.decimal_thousandths >= 1100
        ]
        return max(offers, key=lambda offer: offer[0])[1:] if offers else None


def team_names(update):
    return f"{update.fixture.home} {update.home_score}:{update.away_score} {update.fixture.away}"


def reason_name(number):
    """PRICE_CHANGED of 409; a number that this program does not know yet is told as it is."""
    try:
        return reason_pb2.RejectReason.Name(number).removeprefix("REJECT_REASON_")
    except ValueError:
        return f"REASON_{number}"


def final_decision(answers, command_id, seconds=20):
    """The last word on a command. A Pending comes first where a bet has to wait out its delay."""
    for record in records(answers, seconds):
        if record.key() != ACCOUNT.encode():
            continue
        decision = decision_pb2.Decision.FromString(record.value())
        if decision.command_id != command_id:
            continue
        if decision.WhichOneof("verdict") != "pending":
            return decision
        say(f"  pending: decided in {decision.pending.decide_at_ms - now_ms()} ms, once the market data is fresh beyond it")
    sys.exit(f"no answer to {command_id}: is `touchline run book` running?")


# ---- the story -----------------------------------------------------------------------------------------------------

def command(answers, action):
    """An account command: open, deposit. The answer is Done, or a refusal."""
    command_id = uuid7()
    send("account-commands.v1", {"commandId": command_id, "account": ACCOUNT, **action})
    decision = final_decision(answers, command_id)
    if decision.HasField("refused"):
        sys.exit(f"{next(iter(action))}: refused: {decision.refused.reason} {reason_name(decision.refused.reason)}")
    say(f"  {next(iter(action))}: done")


def slip(update, outcome, consent):
    """A bet of 10.00 on what was seen. A new bet has a new id; a resend is this very body again.

    Without consent only the price seen or a better one is taken; with it the price of the moment, a lower one too."""
    return {"placeBet": {
        "betId": uuid7(),
        "account": ACCOUNT,
        "stakeMinor": "1000",  # 64-bit numbers are texts in Protobuf's JSON
        "currency": "USD",
        "legs": [{
            "matchId": update.match_id,
            "market": "1x2",
            "outcome": outcome.outcome,
            "price": {"decimalThousandths": outcome.price.decimal_thousandths},
            "seenVersion": str(update.version),
        }],
        "pricePolicy": "PRICE_POLICY_ANY" if consent else "PRICE_POLICY_BETTER",
        "oddsConsent": consent,
        "sessionId": "session-1",
        "sessionExpiresAtMs": str(now_ms() + 3_600_000),
        "location": {
            "id": "proof-1",
            "licence": "US-NJ",
            "issuedAtMs": str(now_ms() - 1000),
            "expiresAtMs": str(now_ms() + 3_600_000),
        },
    }}


def place(prices, answers):
    """Bets until a bet is accepted; returns it with its decision."""
    consent = ""
    while seconds_left() > 0:
        prices.follow(0.5)
        found = prices.favourite()
        if found is None:
            continue  # nothing on offer this moment: no match runs, its market is suspended, or we are behind
        update, outcome = found
        bet = slip(update, outcome, consent)
        say(f"bet 10.00 on {outcome.outcome} at {outcome.price.decimal_thousandths / 1000:.2f}: {team_names(update)}, version {update.version}")
        send("commands.v1", bet)
        decision = final_decision(answers, bet["placeBet"]["betId"])
        if decision.HasField("accepted"):
            return bet, decision.accepted
        reason = reason_name(decision.refused.reason)
        say(f"  refused: {decision.refused.reason} {reason}")
        if reason not in LOOK_AGAIN | TRY_LATER:
            sys.exit("that is for the customer or for the programmer, not for another try")
        if reason == "PRICE_CHANGED":
            consent = "accept lower odds: ticked after a price change"
            say("  the customer, asked, now agrees to lower odds too")
        if reason in TRY_LATER:
            time.sleep(0.5)
    sys.exit("no bet was accepted in time")


def settled(settlements, bet_id):
    """What the bet came to, if it comes in time. Other kinds may come before and after, see "Settlements" on the page."""
    for record in records(settlements, seconds_left()):
        settlement = decision_pb2.Settlement.FromString(record.value())
        if settlement.bet_id == bet_id and settlement.kind == decision_pb2.SETTLEMENT_KIND_SETTLED:
            return settlement
    return None


def main():
    answers = reader("decisions.v1", OFFSET_END)
    settlements = reader("settlements.v1", OFFSET_END)
    rejects = reader("rejects-book.v1", OFFSET_END)
    # An answer must not come before the readers stand at the end: their first poll puts them there.
    for consumer in (answers, settlements, rejects):
        list(records(consumer, 1.0))

    say(f"an account, {ACCOUNT}, and 100.00 in it")
    command(answers, {"open": {
        "currency": "USD", "licence": "US-NJ", "birthDate": "1980-01-31",
        "identityStatus": "IDENTITY_STATUS_VERIFIED", "identityExpires": "2040-01-01",
    }})
    command(answers, {"deposit": {"amountMinor": "10000", "currency": "USD"}})

    prices = Prices()
    while not (prices.matches and all(map(prices.fresh, prices.matches.values()))) and seconds_left() > 0:
        prices.follow(0.5)
    for update in prices.matches.values():
        for market in update.markets:
            if market.market == "1x2":
                odds = [f"{o.outcome} {o.price.decimal_thousandths / 1000:.2f}" for o in market.outcomes if o.HasField("price")]
                status = market_pb2.MarketStatus.Name(market.status).removeprefix("MARKET_STATUS_").lower()
                say(f"  {update.match_id}: {team_names(update)}, 1x2 {status}: {', '.join(odds) or 'no prices'}")

    bet, accepted = place(prices, answers)
    leg = accepted.legs[0]
    say(f"  ACCEPTED at {leg.price.decimal_thousandths / 1000:.2f} on version {leg.match_version}, pays {accepted.potential_return_minor / 100:.2f} if it wins")

    say("the same record once more, as after a lost acknowledgement")
    right = send("commands.v1", bet)
    again = final_decision(answers, bet["placeBet"]["betId"])
    say(f"  the first answer again, nothing moved: {again.WhichOneof('verdict')}, repeated_answer={again.repeated_answer}")

    say("a deposit in another partition than the account's, as librdkafka's own partitioner might put it")
    stray = {"commandId": uuid7(), "account": ACCOUNT, "deposit": {"amountMinor": "10000", "currency": "USD"}}
    send("account-commands.v1", stray, partition=0 if right else 1)
    reject = next((journal_pb2.Reject.FromString(record.value()) for record in records(rejects, 10)), None)
    if reject is None:
        sys.exit("nobody noticed the wrong partition")
    say(f"  rejected: {reject.reason} {reason_name(reject.reason)}: {reject.detail}")

    settlement = settled(settlements, bet["placeBet"]["betId"])
    if settlement is None:
        say("the match goes on: the settlement comes when it is over")
    else:
        results = [decision_pb2.LegResult.Name(result).removeprefix("LEG_RESULT_").lower() for result in settlement.legs]
        say(f"SETTLED, version {settlement.version}: {', '.join(results)}; {settlement.returned_minor / 100:.2f} paid for a stake of {settlement.stake_minor / 100:.2f}")


if __name__ == "__main__":
    main()
