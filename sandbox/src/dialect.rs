//! Switches to serve each documented variant of the protocol (PROTOCOL §18). Every default is the form that the
//! reference documentation shows first, so a fresh sandbox speaks plain OneClickDz.

use serde::{Deserialize, Serialize};

macro_rules! choices {
    ($( $(#[$meta:meta])* $name:ident { $($body:tt)* } )*) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($body)* }
    )* };
}

choices! {
    /// How the keys of a mobile order are spelled (row 13).
    MobileKeys {
        /// `plan_code`, `topup_amount`, `created_at`.
        #[default] Snake,
        /// `planCode`, `amount`, `createdAt`, as on the Arabic page.
        Camel,
    }
    /// Which words a mobile order's status uses (row 12).
    MobileWords {
        /// `PENDING, HANDLING, FULFILLED, REFUNDED, UNKNOWN_ERROR`.
        #[default] FulfilledRefunded,
        /// `PENDING, SUCCESS, FAILED, UNKNOWN_ERROR`; handling is shown as `PENDING`.
        SuccessFailed,
    }
    /// The body of the internet products (row 25).
    ProductsBody {
        /// `data.products` and `data.type`; the query parameter `type` is required.
        #[default] Object,
        /// `data` is the array itself; `type` may be left out (then `ADSL`).
        BareArray,
    }
    /// The array's key in the list of internet orders (row 26).
    InternetListKey {
        /// `items`, like all other lists.
        #[default] Items,
        /// `topups`, as in the French reference.
        Topups,
    }
    /// Which spelling of a gift-card path exists; the other answers the router's 404 (rows 1 and 2).
    PathSpelling {
        /// `checkOrder`, `checkProduct`.
        #[default] Camel,
        /// `check-order`, `check-product`.
        Kebab,
        /// Both.
        Both,
    }
    /// The code of a refusal for lack of funds (row 3).
    BalanceCode {
        /// `NO_BALANCE` for mobile, `INSUFFICIENT_BALANCE` elsewhere.
        #[default] Documented,
        /// `NO_BALANCE` everywhere.
        NoBalance,
        /// `INSUFFICIENT_BALANCE` everywhere.
        InsufficientBalance,
    }
    /// What the service looks at first: the documentation does not say.
    CheckedFirst {
        /// Whether it knows the reference.
        #[default] Reference,
        /// Whether the balance covers the price.
        Balance,
    }
    /// The code of a refused number (row 6).
    PhoneCode {
        /// `ERR_PHONE`.
        #[default] ErrPhone,
        /// `INVALID_PHONE`.
        InvalidPhone,
    }
    /// The code of a wrong key (row 7).
    AuthCode {
        /// `INVALID_ACCESS_TOKEN`.
        #[default] InvalidAccessToken,
        /// `ERR_AUTH`.
        ErrAuth,
    }
    /// What comes back for a reference that was sent (row 18).
    TopupRef {
        /// The reference itself.
        #[default] Echo,
        /// `API-<username>-<reference>`.
        Prefixed,
    }
    /// Which form `check-ref` finds while [`TopupRef::Prefixed`] is on (row 18, open point 5).
    CheckRef {
        /// The sent and the prefixed form.
        #[default] Both,
        /// The prefixed form alone.
        PrefixedOnly,
    }
    /// What comes back when no reference was sent (row 17).
    MissingRef {
        /// `topupRef` is `null`.
        #[default] NullWithoutRef,
        /// A generated reference, which `check-ref` finds.
        GeneratedWithoutRef,
    }
    /// Whether an optional part of an answer is there.
    Presence {
        /// It is sent.
        Present,
        /// It is left out.
        #[default] Absent,
    }
    /// The shape of `error.details` for a refused field (row 23).
    ValidationDetails {
        /// `{"amount": "Amount must be ..."}`.
        #[default] FieldText,
        /// `{"field": "amount", "value": 50}`.
        FieldValue,
    }
    /// The type that `check-number` answers for a 4G line (row 27).
    FourGWord {
        /// `4GLTE`, as documented.
        #[default]
        #[serde(rename = "4GLTE")]
        Lte,
        /// `4G`, the word of the request.
        #[serde(rename = "4G")]
        Plain,
    }
    /// The key of a gift-card category's label (row 28).
    CatalogLabel {
        /// `title`, as in the reference.
        #[default] Title,
        /// `name`, as in the guide.
        Name,
    }
    /// Where the totals of the gift-card catalogue are (row 29).
    CatalogTotals {
        /// At the root of the body.
        #[default] Root,
        /// In `meta`.
        Meta,
        /// Nowhere.
        Absent,
    }
    /// The identifiers of a gift-card product and its types (row 30).
    ProductIds {
        /// `productId`, `types[].id`.
        #[default] Id,
        /// `_id`, `types[]._id`, plus `available`.
        UnderscoreId,
    }
    /// Where the request id is (rows 36 and 37). `/v3/validate` never has one.
    RequestId {
        /// At the root; payment links have it in `meta`.
        #[default] Root,
        /// In `meta`, everywhere.
        Meta,
        /// In the header `X-Request-Id`.
        Header,
        /// Nowhere.
        Absent,
    }
    /// The object of a new payment link (row 38).
    LinkObject {
        /// `ref`, `time`, `uid`.
        #[default] Documented,
        /// `paymentRef`, `paymentUrl`, `createdAt`, as in the vendor's Node SDK.
        Vendor,
    }
    /// The details of a confirmed payment (row 39).
    PaymentDetails {
        /// `amount, currency, isSandbox, createdDate`.
        #[default] Documented,
        /// `transactionRef, amount, fee, netAmount, paymentMethod, completedAt`.
        Vendor,
    }
    /// How an expired payment link answers (row 40).
    ExpiredLink {
        /// 200 with the status `FAILED`.
        #[default] Failed,
        /// 410 with an error.
        Gone,
    }
    /// Where an error's text is (row 35).
    ErrorText {
        /// `error.message`.
        #[default] Nested,
        /// `message` at the root; `error` keeps the code and the details.
        Root,
    }
    /// Whether a fixed plan may be ordered without its amount (row 22).
    FixedAmount {
        /// It may; an amount that is sent is ignored.
        #[default] Optional,
        /// It may not: `ERR_VALIDATION`.
        Required,
    }
    /// How error codes are spelled (row 5).
    CodeSpelling {
        /// `DUPLICATED_REF`.
        #[default] Underscore,
        /// `DUPLICATED-REF`.
        Hyphen,
    }
}

/// The HTTP status of a call without a key: 401, or 400 as on one page (row 8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum MissingTokenStatus {
    /// 401.
    #[default]
    Unauthorized,
    /// 400.
    BadRequest,
}

impl TryFrom<u16> for MissingTokenStatus {
    type Error = String;

    fn try_from(status: u16) -> Result<Self, String> {
        match status {
            401 => Ok(Self::Unauthorized),
            400 => Ok(Self::BadRequest),
            other => Err(format!("missing_token_status must be 401 or 400, not {other}")),
        }
    }
}

impl From<MissingTokenStatus> for u16 {
    fn from(status: MissingTokenStatus) -> u16 {
        match status {
            MissingTokenStatus::Unauthorized => 401,
            MissingTokenStatus::BadRequest => 400,
        }
    }
}

/// The complete set of switches. `Dialect::default()` is the reference; in JSON, a missing key means its default and
/// an unknown key is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dialect {
    /// Keys of a mobile order.
    pub mobile_keys: MobileKeys,
    /// Status words of a mobile order.
    pub mobile_words: MobileWords,
    /// Body of the internet products.
    pub internet_products: ProductsBody,
    /// Key of the internet list.
    pub internet_list_key: InternetListKey,
    /// Spelling of the gift-card order path.
    pub gift_path: PathSpelling,
    /// Spelling of the gift-card product path.
    pub product_path: PathSpelling,
    /// Code of a refusal for lack of funds.
    pub balance_code: BalanceCode,
    /// What a mobile send is refused for when it is wanting in both.
    pub checked_first: CheckedFirst,
    /// Code of a refused number.
    pub phone_code: PhoneCode,
    /// Code of a wrong key.
    pub auth_code: AuthCode,
    /// Status of a call without a key.
    pub missing_token_status: MissingTokenStatus,
    /// Form of the returned reference.
    pub topup_ref: TopupRef,
    /// Forms found by `check-ref`.
    pub check_ref: CheckRef,
    /// Reference returned when none was sent.
    pub missing_ref: MissingRef,
    /// `newBalance` in the answer of a mobile send (row 20).
    pub new_balance: Presence,
    /// Shape of the validation details.
    pub validation_details: ValidationDetails,
    /// Type answered for a 4G line.
    pub four_g_word: FourGWord,
    /// Label of a catalogue category.
    pub catalog_label: CatalogLabel,
    /// Place of the catalogue totals.
    pub catalog_totals: CatalogTotals,
    /// Identifiers of gift-card products.
    pub product_ids: ProductIds,
    /// `orderRef` in the answer of a gift-card order that carried a `ref` (row 31).
    pub order_ref: Presence,
    /// Place of the request id.
    pub request_id: RequestId,
    /// Object of a new payment link.
    pub link_object: LinkObject,
    /// Details of a confirmed payment.
    pub payment_details: PaymentDetails,
    /// Answer for an expired link.
    pub expired_link: ExpiredLink,
    /// `currency` beside the balance (row 43).
    pub balance_currency: Presence,
    /// Place of an error's text.
    pub error_text: ErrorText,
    /// Whether fixed plans need their amount.
    pub fixed_amount: FixedAmount,
    /// Spelling of error codes.
    pub code_spelling: CodeSpelling,
}

impl Default for Dialect {
    fn default() -> Dialect {
        Dialect {
            mobile_keys: MobileKeys::default(),
            mobile_words: MobileWords::default(),
            internet_products: ProductsBody::default(),
            internet_list_key: InternetListKey::default(),
            gift_path: PathSpelling::default(),
            product_path: PathSpelling::default(),
            balance_code: BalanceCode::default(),
            checked_first: CheckedFirst::default(),
            phone_code: PhoneCode::default(),
            auth_code: AuthCode::default(),
            missing_token_status: MissingTokenStatus::default(),
            topup_ref: TopupRef::default(),
            check_ref: CheckRef::default(),
            missing_ref: MissingRef::default(),
            new_balance: Presence::Present,
            validation_details: ValidationDetails::default(),
            four_g_word: FourGWord::default(),
            catalog_label: CatalogLabel::default(),
            catalog_totals: CatalogTotals::default(),
            product_ids: ProductIds::default(),
            order_ref: Presence::Absent,
            request_id: RequestId::default(),
            link_object: LinkObject::default(),
            payment_details: PaymentDetails::default(),
            expired_link: ExpiredLink::default(),
            balance_currency: Presence::Absent,
            error_text: ErrorText::default(),
            fixed_amount: FixedAmount::default(),
            code_spelling: CodeSpelling::default(),
        }
    }
}
