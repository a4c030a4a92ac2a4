//! One sentence per kind for the shop's staff, in Arabic, French and English.

use crate::models::{ErrorKind, Language};

pub(super) fn staff_text(kind: ErrorKind, language: Language) -> &'static str {
    let [arabic, french, english] = sentences(kind);
    match language {
        Language::Arabic => arabic,
        Language::French => french,
        Language::English => english,
    }
}

fn sentences(kind: ErrorKind) -> [&'static str; 3] {
    use ErrorKind as Kind;
    match kind {
        Kind::Validation => [
            "إحدى القيم غير صحيحة. صحّحها ثم أعد الإرسال.",
            "Une valeur est incorrecte. Corrigez-la puis renvoyez.",
            "A value is not correct. Correct it and send again.",
        ],
        Kind::InvalidNumber => [
            "الرقم غير صحيح لهذه الخدمة. اطلب رقمًا آخر.",
            "Le numéro n'est pas valable pour ce service. Demandez-en un autre.",
            "The number is not valid for this service. Ask for another one.",
        ],
        Kind::OutOfStock => [
            "نفد المخزون. اختر قيمة أخرى أو أعد المحاولة لاحقًا.",
            "Rupture de stock. Choisissez une autre valeur ou réessayez plus tard.",
            "Out of stock. Choose another value or try later.",
        ],
        Kind::InsufficientBalance => [
            "الرصيد غير كافٍ. اشحن الحساب أولًا.",
            "Le solde est insuffisant. Rechargez d'abord le compte.",
            "The balance is too low. Top up the account first.",
        ],
        Kind::DuplicatedRef => [
            "هذا المرجع مستعمل من قبل. راجع الطلب الموجود ولا ترسل طلبًا جديدًا.",
            "Cette référence existe déjà. Consultez la commande existante, n'en envoyez pas une nouvelle.",
            "This reference is already in use. Look at the existing order, do not send a new one.",
        ],
        Kind::RefConflict => [
            "هذا المرجع يخص طلبًا مختلفًا. استعمل مرجعًا آخر.",
            "Cette référence désigne une autre commande. Utilisez-en une autre.",
            "This reference stands for a different order. Use another one.",
        ],
        Kind::NotFound => [
            "لم يُعثر عليه. أعد البحث بعد قليل.",
            "Introuvable. Cherchez de nouveau dans un moment.",
            "Not found. Look again in a moment.",
        ],
        Kind::EndpointNotFound => [
            "الخدمة لا تعرف هذا المسار. حدّث المكتبة.",
            "Le service ne connaît pas ce chemin. Mettez la bibliothèque à jour.",
            "The service does not know this path. Update the library.",
        ],
        Kind::LinkExpired => [
            "انتهت صلاحية رابط الدفع. أنشئ رابطًا جديدًا.",
            "Le lien de paiement a expiré. Créez-en un nouveau.",
            "The payment link has expired. Create a new one.",
        ],
        Kind::Authentication => [
            "مفتاح API مرفوض. صحّحه قبل أي محاولة أخرى.",
            "La clé API est refusée. Corrigez-la avant tout nouvel essai.",
            "The API key is refused. Correct it before any other try.",
        ],
        Kind::IpBlocked => [
            "حُظر عنوان IP مؤقتًا بسبب مفاتيح خاطئة. انتظر 15 دقيقة.",
            "L'adresse IP est bloquée à cause de clés erronées. Attendez 15 minutes.",
            "The IP address is blocked because of bad keys. Wait 15 minutes.",
        ],
        Kind::IpNotAllowed => [
            "عنوان IP هذا غير مسموح به لهذا المفتاح.",
            "Cette adresse IP n'est pas autorisée pour cette clé.",
            "This IP address is not allowed for this key.",
        ],
        Kind::ApiDisabled => [
            "المفتاح أو الواجهة معطّلة. فعّلها من الحساب.",
            "La clé ou l'API est désactivée. Activez-la dans le compte.",
            "The key or the API is switched off. Switch it on in the account.",
        ],
        Kind::Forbidden => [
            "هذا المفتاح لا يملك صلاحية هذه العملية.",
            "Cette clé n'a pas le droit de faire cette opération.",
            "This key may not do this.",
        ],
        Kind::EnvironmentMismatch => [
            "المفتاح من بيئة أخرى (تجريبية أو حقيقية). لم يُرسل شيء.",
            "La clé est de l'autre environnement (test ou réel). Rien n'a été envoyé.",
            "The key is of the other environment (test or real). Nothing was sent.",
        ],
        Kind::RateLimited => [
            "طلبات كثيرة جدًا. انتظر قليلًا.",
            "Trop de requêtes. Attendez un peu.",
            "Too many requests. Wait a little.",
        ],
        Kind::InternalServerError => [
            "عطل في الخدمة. لا تُرجع المال للزبون: تابع الطلب 24 ساعة.",
            "Panne du service. Ne remboursez pas : suivez la commande pendant 24 heures.",
            "The service failed. Do not refund: follow the order for 24 hours.",
        ],
        Kind::ServiceUnavailable => [
            "الخدمة متوقفة مؤقتًا. أعد المحاولة بعد قليل.",
            "Le service est momentanément indisponible. Réessayez plus tard.",
            "The service is down for the moment. Try again later.",
        ],
        Kind::AuthUnavailable => [
            "تعذّر التحقق من المفتاح الآن. المفتاح سليم، أعد المحاولة بعد ثوانٍ.",
            "La clé n'a pas pu être vérifiée. Elle n'est pas en cause, réessayez dans quelques secondes.",
            "The key could not be verified. It is not at fault, try again in some seconds.",
        ],
        Kind::Refused => {
            ["رفضت الخدمة الطلب.", "Le service a refusé la demande.", "The service refused the request."]
        }
        Kind::Transport => [
            "انقطع الاتصال بالخدمة. لا ترسل من جديد قبل مراجعة الطلب.",
            "La connexion au service est rompue. Vérifiez la commande avant tout renvoi.",
            "The connection to the service broke. Look the order up before sending again.",
        ],
        Kind::Timeout => [
            "لم تجب الخدمة في الوقت المحدد. راجع الطلب قبل أي إرسال جديد.",
            "Le service n'a pas répondu à temps. Vérifiez la commande avant tout renvoi.",
            "The service did not answer in time. Look the order up before sending again.",
        ],
        Kind::UnreadableResponse => [
            "جواب الخدمة غير مفهوم. راجع الطلب قبل أي إرسال جديد.",
            "La réponse du service est illisible. Vérifiez la commande avant tout renvoi.",
            "The service's answer cannot be read. Look the order up before sending again.",
        ],
        Kind::ResponseTooLarge => [
            "جواب الخدمة أكبر من الحد المسموح.",
            "La réponse du service dépasse la limite.",
            "The service's answer is larger than the limit.",
        ],
        Kind::Config => [
            "إعدادات البرنامج غير صحيحة.",
            "La configuration du programme est incorrecte.",
            "The program's configuration is not correct.",
        ],
        Kind::StillPending => [
            "الطلب ما زال قيد المعالجة. ليس فاشلًا، راجعه لاحقًا.",
            "La commande est encore en cours. Ce n'est pas un échec, revenez plus tard.",
            "The order is still being worked on. It has not failed, look again later.",
        ],
        Kind::Journal => [
            "تعذّر استعمال سجل الطلبات. لم يُرسل شيء.",
            "Le journal des commandes est inutilisable. Rien n'a été envoyé.",
            "The journal of orders cannot be used. Nothing was sent.",
        ],
        Kind::VaultKeyMissing => [
            "لا يوجد مفتاح لحفظ البطاقات. أضف المفتاح قبل الشراء. لم يُرسل شيء.",
            "Il manque la clé qui protège les cartes. Ajoutez-la avant d'acheter. Rien n'a été envoyé.",
            "The key that protects the cards is missing. Add it before buying. Nothing was sent.",
        ],
        Kind::VaultKeyLost => [
            "هذه البطاقة محفوظة بمفتاح غير متوفر. أضف المفتاح القديم.",
            "Cette carte est scellée avec une clé absente. Ajoutez l'ancienne clé.",
            "This card is sealed with a key that is not here. Add the old key.",
        ],
        Kind::VaultTampered => [
            "بيانات البطاقة المحفوظة متغيّرة. لا تسلّمها واتصل بالمسؤول التقني.",
            "La carte enregistrée a été modifiée. Ne la remettez pas, prévenez le responsable technique.",
            "The stored card was changed. Do not hand it over, call the technical staff.",
        ],
        Kind::VaultUnavailable => [
            "مصدر مفاتيح البطاقات لا يجيب. أعد المحاولة بعد قليل.",
            "La source des clés ne répond pas. Réessayez dans un moment.",
            "The source of the cards' keys does not answer. Try again in a moment.",
        ],
        Kind::OrderNotReady => [
            "البطاقة ليست جاهزة بعد. أعد المحاولة بعد قليل.",
            "La carte n'est pas encore prête. Réessayez dans un moment.",
            "The card is not ready yet. Try again in a moment.",
        ],
        Kind::OrderNotFound => [
            "لا يوجد طلب بهذا المرجع لهذا الزبون.",
            "Aucune commande de cette référence pour ce client.",
            "There is no order of this reference for this customer.",
        ],
        Kind::AlreadyPurged => [
            "حُذف رمز البطاقة نهائيًا بعد انتهاء مدة حفظه.",
            "Le code a été détruit à la fin de sa durée de conservation.",
            "The code was destroyed at the end of its retention time.",
        ],
        Kind::DeliveryFailed => [
            "تعذّر تسليم البطاقة للزبون. استعمل طريقة أخرى.",
            "La carte n'a pas pu être remise au client. Essayez un autre moyen.",
            "The card could not be delivered to the customer. Try another way.",
        ],
        Kind::Closed => ["أُغلق العميل.", "Le client est fermé.", "The client was closed."],
        Kind::Internal => [
            "خطأ داخلي في المكتبة. بلّغ عنه.",
            "Erreur interne de la bibliothèque. Signalez-la.",
            "A defect of the library. Please report it.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_speaks_three_languages() {
        for kind in ErrorKind::ALL {
            let texts = Language::ALL.iter().map(|language| staff_text(*kind, *language)).collect::<Vec<_>>();
            assert!(texts.iter().all(|text| text.ends_with('.')), "{kind}");
            assert!(texts[0] != texts[1] && texts[1] != texts[2], "{kind}");
        }
    }
}
