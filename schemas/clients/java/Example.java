/*
 * A bet from Java, from opening an account to its settlement. Commands and answers are Protobuf.
 *
 *   mvn -f schemas/clients/java dependency:copy-dependencies dependency:copy -DincludeScope=runtime -DoutputDirectory=JARS
 *   chmod +x JARS/protoc && JARS/protoc -I schemas --java_out=MESSAGES schemas/touchline/v1/*.proto
 *   javac -cp 'JARS/*' -d CLASSES MESSAGES/touchline/v1/*.java schemas/clients/java/Example.java
 *   KAFKA_BOOTSTRAP=127.0.0.1:29092 java -cp 'JARS/*:CLASSES' Example
 *
 * The exit code is 0 only if a bet was accepted. Every rule used here is explained in schemas/CLIENTS.md.
 */

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import touchline.v1.Command.AccountCommand;
import touchline.v1.Command.BetCommand;
import touchline.v1.Command.Deposit;
import touchline.v1.Command.IdentityStatus;
import touchline.v1.Command.Leg;
import touchline.v1.Command.LocationProof;
import touchline.v1.Command.OpenAccount;
import touchline.v1.Command.PlaceBet;
import touchline.v1.Command.PricePolicy;
import touchline.v1.DecisionOuterClass.AcceptedBet;
import touchline.v1.DecisionOuterClass.Decision;
import touchline.v1.DecisionOuterClass.Refusal;
import touchline.v1.DecisionOuterClass.Settlement;
import touchline.v1.DecisionOuterClass.SettlementKind;
import touchline.v1.Journal.Reject;
import touchline.v1.Market.MarketMessage;
import touchline.v1.Market.MarketStatus;
import touchline.v1.Market.MatchPhase;
import touchline.v1.Market.MatchUpdate;
import touchline.v1.Market.OutcomeState;
import touchline.v1.Market.OutcomeStatus;
import touchline.v1.Reason.RejectReason;

public final class Example {
    private static final String BROKERS = System.getenv("KAFKA_BOOTSTRAP");
    private static final String PREFIX = System.getenv().getOrDefault("TOUCHLINE_TOPIC_PREFIX", "");
    private static final String ACCOUNT = System.getenv().getOrDefault("ACCOUNT", "joe-java");
    /** How long the whole example may take: it waits for the match to end if that comes sooner. */
    private static final long SECONDS_MAX = Long.parseLong(System.getenv().getOrDefault("SECONDS_MAX", "80"));
    private static final long STARTED = System.nanoTime();
    private static final long HOUR_MS = 3_600_000;

    /** Refusals after which the prices are read again, the customer asked, and a new bet made. */
    private static final Set<RejectReason> LOOK_AGAIN = EnumSet.of(
            RejectReason.REJECT_REASON_PRICE_CHANGED, RejectReason.REJECT_REASON_PRICE_JUMP,
            RejectReason.REJECT_REASON_CONSENT_MISSING, RejectReason.REJECT_REASON_MATERIAL_CHANGE,
            RejectReason.REJECT_REASON_MARKET_SUSPENDED, RejectReason.REJECT_REASON_MARKET_NOT_ACTIVE,
            RejectReason.REJECT_REASON_OUTCOME_NOT_OFFERED, RejectReason.REJECT_REASON_PAST_POSTED,
            RejectReason.REJECT_REASON_MATCH_OVER);

    /** Refusals after which the same bet may be made under a new id. */
    private static final Set<RejectReason> TRY_LATER = EnumSet.of(
            RejectReason.REJECT_REASON_MARKET_DATA_STALE, RejectReason.REJECT_REASON_TIME_ELAPSED,
            RejectReason.REJECT_REASON_FROZEN, RejectReason.REJECT_REASON_CAPACITY_REACHED);

    private final KafkaProducer<String, byte[]> producer = producer();
    private final KafkaConsumer<String, byte[]> prices = reader("markets.v1", true);
    private final KafkaConsumer<String, byte[]> answers = reader("decisions.v1", false);
    private final KafkaConsumer<String, byte[]> settlements = reader("settlements.v1", false);
    private final KafkaConsumer<String, byte[]> rejects = reader("rejects-book.v1", false);
    /** Every match as it is now, by applying markets.v1. */
    private final Map<String, MatchUpdate> matches = new TreeMap<>();
    private final Map<String, Integer> partitions = new TreeMap<>();
    /** Up to when the prices of each partition are known to be complete. */
    private final Map<Integer, Long> throughMs = new TreeMap<>();

    /** A story that did not come to its good end, and why. */
    private static final class Stop extends RuntimeException {
        Stop(String why) {
            super(why);
        }
    }

    public static void main(String[] arguments) throws Exception {
        try {
            new Example().play();
        } catch (Stop stop) {
            System.err.println(stop.getMessage());
            System.exit(1);
        }
    }

    // ---- the story -------------------------------------------------------------------------------------------------

    private void play() throws Exception {
        say("an account, %s, and 100.00 in it", ACCOUNT);
        command("open", AccountCommand.newBuilder().setOpen(OpenAccount.newBuilder()
                .setCurrency("USD").setLicence("US-NJ").setBirthDate("1980-01-31")
                .setIdentityStatus(IdentityStatus.IDENTITY_STATUS_VERIFIED).setIdentityExpires("2040-01-01")));
        command("deposit", AccountCommand.newBuilder().setDeposit(
                Deposit.newBuilder().setAmountMinor(10_000).setCurrency("USD")));

        while ((matches.isEmpty() || !matches.values().stream().allMatch(this::isFresh)) && millisLeft() > 0) {
            follow(500);
        }
        matches.values().forEach(Example::tell);

        PlaceBet[] bet = new PlaceBet[1];
        AcceptedBet accepted = place(bet);
        say("  ACCEPTED at %s on version %d, pays %s if it wins", odds(accepted.getLegs(0).getPrice().getDecimalThousandths()),
                accepted.getLegs(0).getMatchVersion(), money(accepted.getPotentialReturnMinor()));

        say("the same record once more, as after a lost acknowledgement");
        int right = send("commands.v1", wrap(bet[0]), null);
        Decision again = finalDecision(bet[0].getBetId());
        say("  the first answer again, nothing moved: %s, repeated_answer=%s", again.getVerdictCase(), again.getRepeatedAnswer());

        say("a deposit in another partition than the account's, as a program with a partitioner of its own might put it");
        send("account-commands.v1", AccountCommand.newBuilder().setCommandId(uuid7()).setAccount(ACCOUNT)
                .setDeposit(Deposit.newBuilder().setAmountMinor(10_000).setCurrency("USD")).build(), right == 0 ? 1 : 0);
        Reject reject = until(10_000, rejects, Example::reject).orElseThrow(() -> new Stop("nobody noticed the wrong partition"));
        say("  rejected: %d %s: %s", reject.getReasonValue(), name(reject.getReason()), reject.getDetail());

        Optional<Settlement> settled = until(millisLeft(), settlements, record -> settlementOf(record, bet[0].getBetId()));
        if (settled.isEmpty()) {
            say("the match goes on: the settlement comes when it is over");
            return;
        }
        Settlement settlement = settled.get();
        say("SETTLED, version %d: %s; %s paid for a stake of %s", settlement.getVersion(), settlement.getLegsList(),
                money(settlement.getReturnedMinor()), money(settlement.getStakeMinor()));
    }

    /** An account command: open, deposit. The answer is Done, or a refusal. */
    private void command(String what, AccountCommand.Builder command) throws Exception {
        String id = uuid7();
        send("account-commands.v1", command.setCommandId(id).setAccount(ACCOUNT).build(), null);
        Decision decision = finalDecision(id);
        if (decision.hasRefused()) {
            throw new Stop(what + ": refused: " + decision.getRefused());
        }
        say("  %s: done", what);
    }

    /** Bets until a bet is accepted. */
    private AcceptedBet place(PlaceBet[] placed) throws Exception {
        String consent = "";
        while (millisLeft() > 0) {
            follow(500);
            Optional<Offer> found = favourite();
            if (found.isEmpty()) {
                continue; // nothing on offer this moment: no match runs, its market is suspended, or we are behind
            }
            MatchUpdate match = found.get().match;
            OutcomeState outcome = found.get().outcome;
            PlaceBet bet = slip(match, outcome, consent);
            say("bet 10.00 on %s at %s: %s, version %d", outcome.getOutcome(),
                    odds(outcome.getPrice().getDecimalThousandths()), teams(match), match.getVersion());
            send("commands.v1", wrap(bet), null);
            Decision decision = finalDecision(bet.getBetId());
            if (decision.hasAccepted()) {
                placed[0] = bet;
                return decision.getAccepted();
            }
            Refusal refusal = decision.getRefused();
            // A number that this program does not know yet reads as UNRECOGNIZED: getReasonValue() still has it.
            say("  refused: %d %s", refusal.getReasonValue(), name(refusal.getReason()));
            if (!LOOK_AGAIN.contains(refusal.getReason()) && !TRY_LATER.contains(refusal.getReason())) {
                throw new Stop("that is for the customer or for the programmer, not for another try");
            }
            if (refusal.getReason() == RejectReason.REJECT_REASON_PRICE_CHANGED) {
                consent = "accept lower odds: ticked after a price change";
                say("  the customer, asked, now agrees to lower odds too");
            }
            if (TRY_LATER.contains(refusal.getReason())) {
                Thread.sleep(500);
            }
        }
        throw new Stop("no bet was accepted in time");
    }

    /**
     * A bet of 10.00 on what was seen. A new bet has a new id; a resend is this very body again. Without consent only the
     * price seen or a better one is taken; with it the price of the moment, a lower one too.
     */
    private static PlaceBet slip(MatchUpdate match, OutcomeState outcome, String consent) {
        long now = System.currentTimeMillis();
        return PlaceBet.newBuilder()
                .setBetId(uuid7()).setAccount(ACCOUNT).setStakeMinor(1_000).setCurrency("USD")
                .addLegs(Leg.newBuilder().setMatchId(match.getMatchId()).setMarket("1x2").setOutcome(outcome.getOutcome())
                        .setPrice(outcome.getPrice()).setSeenVersion(match.getVersion()))
                .setPricePolicy(consent.isEmpty() ? PricePolicy.PRICE_POLICY_BETTER : PricePolicy.PRICE_POLICY_ANY)
                .setOddsConsent(consent)
                .setSessionId("session-1").setSessionExpiresAtMs(now + HOUR_MS)
                .setLocation(LocationProof.newBuilder().setId("proof-1").setLicence("US-NJ")
                        .setIssuedAtMs(now - 1_000).setExpiresAtMs(now + HOUR_MS))
                .build();
    }

    private static BetCommand wrap(PlaceBet bet) {
        return BetCommand.newBuilder().setPlaceBet(bet).build();
    }

    // ---- reading ---------------------------------------------------------------------------------------------------

    /** A reader of all partitions of a topic, without a consumer group: everybody reads everything. */
    private static KafkaConsumer<String, byte[]> reader(String topic, boolean fromBeginning) {
        KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(Map.of(
                "bootstrap.servers", BROKERS,
                "isolation.level", "read_committed", // what was aborted was never said
                "enable.auto.commit", false), new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(PREFIX + topic).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition())).toList();
        if (partitions.isEmpty()) {
            throw new Stop(PREFIX + topic + " is not there: touchline topics create");
        }
        consumer.assign(partitions);
        if (fromBeginning) {
            consumer.seekToBeginning(partitions);
        } else {
            consumer.seekToEnd(partitions);
            partitions.forEach(consumer::position); // now, not at the first poll: an answer must not come before it
        }
        return consumer;
    }

    /** Makes a value of a record, or nothing where the record is another's. */
    private interface Reading<T> {
        Optional<T> of(ConsumerRecord<String, byte[]> record) throws InvalidProtocolBufferException;
    }

    /** The first that a reading makes something of, within so long. */
    private static <T> Optional<T> until(long millis, KafkaConsumer<String, byte[]> consumer, Reading<T> reading) throws Exception {
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                Optional<T> found = reading.of(record);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** Applies what comes on markets.v1 for so long. */
    private void follow(long millis) throws Exception {
        until(millis, prices, record -> {
            MarketMessage message = MarketMessage.parseFrom(record.value());
            if (message.hasWatermark()) { // keyless; speaks for its own partition
                throughMs.put(record.partition(), message.getWatermark().getThroughMs());
            } else if (message.hasMatchUpdate()) {
                partitions.put(message.getMatchUpdate().getMatchId(), record.partition());
                apply(message.getMatchUpdate());
            }
            return Optional.empty();
        });
    }

    /** Whether a customer may be shown this: its partition has spoken for the last two seconds, and we have heard it. */
    private boolean isFresh(MatchUpdate match) {
        long through = throughMs.getOrDefault(partitions.get(match.getMatchId()), 0L);
        return System.currentTimeMillis() - through < 2_000;
    }

    private void apply(MatchUpdate update) {
        MatchUpdate before = matches.get(update.getMatchId());
        long version = before == null ? 0 : before.getVersion();
        if (update.getVersion() <= version) {
            return; // known already
        }
        if (update.getVersion() != version + 1) {
            // Never guess over a gap: read the topic again from an earlier place.
            throw new Stop(update.getMatchId() + ": version " + update.getVersion() + " follows " + version);
        }
        matches.put(update.getMatchId(), update); // whole: it replaces everything of the match
    }

    private record Offer(MatchUpdate match, OutcomeState outcome) {}

    /** Of the matches that run, the offer of 1X2 that is the most likely to win, with odds of 1.10 or more. */
    private Optional<Offer> favourite() {
        return matches.values().stream()
                .filter(match -> match.getPhase() == MatchPhase.MATCH_PHASE_IN_PLAY && isFresh(match))
                .flatMap(match -> match.getMarketsList().stream()
                        .filter(market -> market.getMarket().equals("1x2") && market.getStatus() == MarketStatus.MARKET_STATUS_ACTIVE)
                        .flatMap(market -> market.getOutcomesList().stream())
                        .filter(outcome -> outcome.getStatus() == OutcomeStatus.OUTCOME_STATUS_OFFERED)
                        .filter(outcome -> outcome.getPrice().getDecimalThousandths() >= 1_100)
                        .map(outcome -> new Offer(match, outcome)))
                .max(Comparator.comparingLong(offer -> offer.outcome.getFairBillionths()));
    }

    /** The last word on a command. A Pending comes first where a bet has to wait out its delay. */
    private Decision finalDecision(String id) throws Exception {
        return until(20_000, answers, record -> {
            if (!ACCOUNT.equals(record.key())) {
                return Optional.empty();
            }
            Decision decision = Decision.parseFrom(record.value());
            if (!decision.getCommandId().equals(id)) {
                return Optional.empty();
            }
            if (decision.hasPending()) {
                say("  pending: decided in %d ms, once the market data is fresh beyond it",
                        decision.getPending().getDecideAtMs() - System.currentTimeMillis());
                return Optional.empty();
            }
            return Optional.of(decision);
        }).orElseThrow(() -> new Stop("no answer to " + id + ": is `touchline run book` running?"));
    }

    private static Optional<Reject> reject(ConsumerRecord<String, byte[]> record) throws InvalidProtocolBufferException {
        // Rejects have no key: they hold what could not be laid at anybody's door. This one is ours if its bytes say so.
        Reject reject = Reject.parseFrom(record.value());
        return reject.getValue().toString(StandardCharsets.ISO_8859_1).contains(ACCOUNT) ? Optional.of(reject) : Optional.empty();
    }

    /** What the bet came to. Other kinds may come before and after, see "Settlements" on the page. */
    private static Optional<Settlement> settlementOf(ConsumerRecord<String, byte[]> record, String betId) throws InvalidProtocolBufferException {
        Settlement settlement = Settlement.parseFrom(record.value());
        boolean isOurs = settlement.getBetId().equals(betId) && settlement.getKind() == SettlementKind.SETTLEMENT_KIND_SETTLED;
        return isOurs ? Optional.of(settlement) : Optional.empty();
    }

    // ---- writing ---------------------------------------------------------------------------------------------------

    private static KafkaProducer<String, byte[]> producer() {
        // Java's defaults are right: murmur2 of the key, acks=all, no doubles by the client's own retries, no lingering.
        return new KafkaProducer<>(Map.of("bootstrap.servers", BROKERS, "linger.ms", 0), new StringSerializer(), new ByteArraySerializer());
    }

    /** Writes one command, keyed by the account; returns the partition in which the broker has it. */
    private int send(String topic, MessageLite body, Integer partition) throws InterruptedException, ExecutionException {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(PREFIX + topic, partition, ACCOUNT, body.toByteArray());
        record.headers().add("content-type", "application/x-protobuf".getBytes(StandardCharsets.UTF_8));
        return producer.send(record).get().partition();
    }

    /** 48 bits of milliseconds, version 7, 74 random bits (RFC 9562). */
    private static String uuid7() {
        SecureRandom random = new SecureRandom();
        long high = System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(1 << 12);
        long low = random.nextLong() >>> 2 | 1L << 63;
        return new UUID(high, low).toString();
    }

    // ---- telling ---------------------------------------------------------------------------------------------------

    private static void say(String format, Object... arguments) {
        double seconds = (System.nanoTime() - STARTED) / 1e9;
        System.out.printf(Locale.ROOT, "%5.1f s  %s%n", seconds, String.format(Locale.ROOT, format, arguments));
    }

    private static void tell(MatchUpdate match) {
        match.getMarketsList().stream().filter(market -> market.getMarket().equals("1x2")).forEach(market -> {
            Stream<String> odds = market.getOutcomesList().stream().filter(OutcomeState::hasPrice)
                    .map(outcome -> outcome.getOutcome() + " " + odds(outcome.getPrice().getDecimalThousandths()));
            say("  %s: %s, 1x2 %s: %s", match.getMatchId(), teams(match),
                    market.getStatus().name().replace("MARKET_STATUS_", "").toLowerCase(Locale.ROOT), odds.collect(Collectors.joining(", ")));
        });
    }

    private static String name(RejectReason reason) {
        return reason.name().replace("REJECT_REASON_", "");
    }

    private static String teams(MatchUpdate match) {
        return match.getFixture().getHome() + " " + match.getHomeScore() + ":" + match.getAwayScore() + " " + match.getFixture().getAway();
    }

    private static String odds(int thousandths) {
        return String.format(Locale.ROOT, "%.2f", thousandths / 1000.0);
    }

    private static String money(long minor) {
        return String.format(Locale.ROOT, "%d.%02d", minor / 100, minor % 100);
    }

    private static long millisLeft() {
        return SECONDS_MAX * 1_000 - (System.nanoTime() - STARTED) / 1_000_000;
    }
}
