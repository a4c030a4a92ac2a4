package com.oneclickdz.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The package as Java sees it. */
class JavaCallerTest {
    @Test
    void tops_up_waits_and_hears_of_it() throws Exception {
        try (Sandbox sandbox = new Sandbox("--speed", "1000");
                Client client = new Client(ClientConfig.builder()
                        .apiKey("sandbox-key")
                        .baseUrl(sandbox.getUrl())
                        .journal(":memory:")
                        .expect(Environment.SANDBOX)
                        .pollIntervalMillis(20)
                        .build())) {
            ClientFutures calls = client.futures();
            assertTrue(calls.balance().get().getAmount().compareTo(BigDecimal.TEN) > 0);

            CountDownLatch heard = new CountDownLatch(1);
            CompletableFuture<?> events = calls.each(client.getOrders().events(), event -> {
                if (event.getOrder().getState() == OrderState.FULFILLED) heard.countDown();
            });
            MobileRequest request =
                    new MobileRequest("PREPAID_DJEZZY", "0778037340", new BigDecimal(500), "java-1", "user-7", null);
            Order order = calls.send(request).get();
            AwaitResult result = calls.await(order, Duration.ofMinutes(1)).get();
            assertInstanceOf(Settled.class, result);
            assertEquals(OrderState.FULFILLED, result.getOrder().getState());
            assertTrue(heard.await(1, TimeUnit.MINUTES));
            events.cancel(true);

            List<MobileTopup> all = calls.all(client.getMobile().list()).get();
            assertEquals(1, all.size());
        }
    }

    @Test
    void sends_codes_by_a_function_and_closes_in_good_order() throws Exception {
        try (Sandbox sandbox = new Sandbox("--speed", "1000");
                Client client = new Client(ClientConfig.builder()
                        .apiKey("sandbox-key")
                        .baseUrl(sandbox.getUrl())
                        .journal(":memory:")
                        .vaultKey(Sandbox.VAULT_KEY)
                        .pollIntervalMillis(20)
                        .sms(new SmsSettings(SmsCallback.of(message -> "gateway-" + message.getId())))
                        .build())) {
            ClientFutures calls = client.futures();
            InternetRequest request =
                    new InternetRequest(InternetType.ADSL, "036362608", new BigDecimal(1000), "java-2", "user-7", null);
            calls.await(calls.send(request).get(), Duration.ofMinutes(1)).get();
            DeliveryRequest message = new DeliveryRequest(
                    "java-2", DeliveryChannel.SMS, "0770123456", Language.ARABIC, "user-7", null, null, null, null, null);
            Delivery sent = calls.await(calls.deliver(message).get(), Duration.ofMinutes(1)).get();
            assertTrue(sent.getReceipt().startsWith("gateway-"));
            assertEquals(sent, calls.refresh(sent).get());
            assertEquals(List.of(sent), calls.deliveries("java-2").get());
            assertTrue(calls.closeWithin(Duration.ofMinutes(1)).get());
        }
    }

    @Test
    void has_every_call_and_every_setting() throws Exception {
        String old = new StringBuilder(Sandbox.VAULT_KEY).reverse().toString();
        try (Sandbox sandbox = new Sandbox("--speed", "1000");
                Client client = new Client(ClientConfig.builder()
                        .apiKey("read-only-key")
                        .baseUrl(sandbox.getUrl())
                        .journal(":memory:")
                        .vaultKey(Sandbox.VAULT_KEY)
                        .oldVaultKeys(List.of(old))
                        .timeoutMillis(60_000)
                        .connectTimeoutMillis(5_000)
                        .readTimeoutMillis(20_000)
                        .maxRetryAfterMillis(1_000)
                        .pollIntervalMillis(20)
                        .leaseMillis(30_000)
                        .plansMaxAgeMillis(60_000)
                        .readRetries(2)
                        .responseLimit(1 << 20)
                        .extraRoots(List.of())
                        .build())) {
            ClientFutures calls = client.withTimeout(Duration.ofSeconds(50)).futures();
            calls.setApiKey("sandbox-key").get();
            MobileRequest topUp = new MobileRequest("PREPAID_DJEZZY", "0778037340", new BigDecimal(500), "java-3", null, null);
            Order mobile = calls.send(topUp).get();
            assertEquals("java-3", calls.await(mobile, Duration.ofMinutes(1)).get().getOrder().getRef());
            mobile = calls.refresh(mobile).get();
            assertEquals(OrderState.FULFILLED, mobile.getState());
            assertEquals(mobile.getId(), calls.checkMobileByRef("java-3").get().getId());
            assertEquals("java-3", calls.checkMobileById(mobile.getId()).get().getRef());

            InternetRequest card =
                    new InternetRequest(InternetType.ADSL, "036362608", new BigDecimal(1000), "java-4", "user-7", null);
            Order internet = calls.await(calls.send(card).get(), Duration.ofMinutes(1)).get().getOrder();
            assertEquals(internet.getId(), calls.checkInternetByRef("java-4").get().getId());
            assertEquals("java-4", calls.checkInternetById(internet.getId()).get().getRef());
            GiftCardRequest gift = new GiftCardRequest("507f1f77bcf86cd799439011", "type_001", 1, "java-5", null, null);
            Order gifts = calls.await(calls.send(gift).get(), Duration.ofMinutes(1)).get().getOrder();
            assertEquals(gifts.getId(), calls.checkGiftCardOrder(gifts.getId()).get().getId());

            assertEquals(0, calls.rekey().get().getUnreadable());
            assertEquals(0, calls.purge(Instant.EPOCH, "clerk", null).get().getOrders());
            assertTrue(calls.verifyAudit(null).get().isIntact());
            StringBuilder lines = new StringBuilder();
            assertEquals(calls.exportAudit(lines).get().longValue(), lines.chars().filter(each -> each == '\n').count());
            ExecutionException settled = assertThrows(
                    ExecutionException.class, () -> calls.resolve("java-3", OrderState.REFUNDED, "clerk", "note").get());
            assertInstanceOf(OneClickDzException.class, settled.getCause());
            ImportRequest foreign = new ImportRequest(
                    "java-6", "00", "00", "00", InternetType.ADSL, "036362608", new BigDecimal(1000), null, null, null, null, null,
                    null);
            ExecutionException refused = assertThrows(ExecutionException.class, () -> calls.importCard(foreign).get());
            assertInstanceOf(OneClickDzException.class, refused.getCause());
        }
    }

    @Test
    void a_failed_call_is_our_exception() {
        try (Client client = new Client(ClientConfig.builder().apiKey("key").journal(":memory:").build())) {
            MobileRequest request = new MobileRequest("PREPAID_DJEZZY", "nonsense", null, null, null, null);
            ExecutionException failed = assertThrows(ExecutionException.class, () -> client.futures().send(request).get());
            OneClickDzException.InvalidNumber error =
                    assertInstanceOf(OneClickDzException.InvalidNumber.class, failed.getCause());
            assertEquals("number", error.getField());
            assertEquals(Outcome.NOT_SENT, error.getOutcome());
            assertEquals("invalid_number", error.getCode());
        }
    }

    @Test
    void a_token_comes_from_a_future() throws Exception {
        try (Sandbox sandbox = new Sandbox("--manual-clock");
                Client client = new Client(ClientConfig.builder()
                        .tokenProvider(TokenProvider.of(() -> CompletableFuture.completedFuture(new Token("sandbox-key"))))
                        .baseUrl(sandbox.getUrl())
                        .journal(":memory:")
                        .build())) {
            assertEquals(Environment.SANDBOX, client.futures().validate().get().getEnvironment());
        }
    }
}
