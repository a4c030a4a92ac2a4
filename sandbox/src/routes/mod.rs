//! Which path is which operation, and which function carries it out. One file per area of the interface.

mod account;
mod gift_cards;
mod internet;
mod mobile;
mod paging;
mod payment_links;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Request, Response};

use crate::envelope::{Reply, router_404};
use crate::gateway::{self, Shared};
use crate::operation::Operation;
use crate::request::Call;
use crate::state::World;

type Routes = Router<Arc<Shared>>;

/// Every path of the service.
pub(crate) fn router() -> Routes {
    Router::new()
        .route("/v3/ping", entry(Operation::Ping))
        .route("/v3/validate", entry(Operation::Validate))
        .route("/v3/account/balance", entry(Operation::AccountBalance))
        .route("/v3/account/transactions", entry(Operation::AccountTransactions))
        .route("/v3/mobile/plans", entry(Operation::MobilePlans))
        .route("/v3/mobile/send", entry(Operation::MobileSend))
        .route("/v3/mobile/check-id/{id}", entry(Operation::MobileCheckId))
        .route("/v3/mobile/check-ref/{ref}", entry(Operation::MobileCheckRef))
        .route("/v3/mobile/list", entry(Operation::MobileList))
        .route("/v3/internet/products", entry(Operation::InternetProducts))
        .route("/v3/internet/check-number", entry(Operation::InternetCheckNumber))
        .route("/v3/internet/send", entry(Operation::InternetSend))
        .route("/v3/internet/check-id/{id}", entry(Operation::InternetCheckId))
        .route("/v3/internet/check-ref/{ref}", entry(Operation::InternetCheckRef))
        .route("/v3/internet/list", entry(Operation::InternetList))
        .route("/v3/gift-cards/catalog", entry(Operation::GiftCatalog))
        .route("/v3/gift-cards/checkProduct/{id}", entry(Operation::GiftCheckProduct))
        .route("/v3/gift-cards/check-product/{id}", entry(Operation::GiftCheckProduct))
        .route("/v3/gift-cards/placeOrder", entry(Operation::GiftPlaceOrder))
        .route("/v3/gift-cards/checkOrder/{id}", entry(Operation::GiftCheckOrder))
        .route("/v3/gift-cards/check-order/{id}", entry(Operation::GiftCheckOrder))
        .route("/v3/gift-cards/list", entry(Operation::GiftList))
        .route("/v3/ocpay/createLink", entry(Operation::LinkCreate))
        .route("/v3/ocpay/checkPayment/{ref}", entry(Operation::LinkCheck))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
}

fn entry(operation: Operation) -> MethodRouter<Arc<Shared>> {
    let method = if operation.is_write() { MethodFilter::POST } else { MethodFilter::GET };
    on(method, move |State(shared): State<Arc<Shared>>, request: Request<Body>| {
        gateway::serve(shared, operation, request)
    })
}

async fn unknown(request: Request<Body>) -> Response<Body> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    gateway::send(router_404(request.method().as_str(), target))
}

/// Carries out a call whose key was accepted.
pub(crate) fn handle(world: &mut World, operation: Operation, call: &Call<'_>) -> Reply {
    match operation {
        Operation::Ping => account::ping(),
        Operation::Validate => account::validate(call),
        Operation::AccountBalance => account::balance(world, call),
        Operation::AccountTransactions => account::transactions(world, call),
        Operation::MobilePlans => mobile::plans(),
        Operation::MobileSend => mobile::send(world, call),
        Operation::MobileCheckId => mobile::check_id(world, call),
        Operation::MobileCheckRef => mobile::check_ref(world, call),
        Operation::MobileList => mobile::list(world, call),
        Operation::InternetProducts => internet::products(world, call),
        Operation::InternetCheckNumber => internet::check_number(world, call),
        Operation::InternetSend => internet::send(world, call),
        Operation::InternetCheckId => internet::check_id(world, call),
        Operation::InternetCheckRef => internet::check_ref(world, call),
        Operation::InternetList => internet::list(world, call),
        Operation::GiftCatalog => gift_cards::catalog(world),
        Operation::GiftCheckProduct => gift_cards::check_product(world, call),
        Operation::GiftPlaceOrder => gift_cards::place_order(world, call),
        Operation::GiftCheckOrder => gift_cards::check_order(world, call),
        Operation::GiftList => gift_cards::list(world, call),
        Operation::LinkCreate => payment_links::create(world, call),
        Operation::LinkCheck => payment_links::check(world, call),
    }
}
