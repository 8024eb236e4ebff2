//! What happens next between a manager and a client, and what comes of it.

use super::dice::Dice;

/// How far a sale has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nobody has talked about anything yet.
    Cold,
    /// An offer is to be sent.
    Offer,
    /// The offer lies there.
    Talks,
    /// They want to meet.
    Meeting,
    /// They ordered.
    Invoice,
    /// The invoice lies there.
    Payment,
    /// The goods are on their way.
    Delivery,
    /// Everything is as it should be.
    Routine,
    /// They do not want to.
    Lost,
}

/// By what they meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A call that was answered.
    Call,
    /// A call in vain.
    Unanswered,
    /// A letter, on this.
    Letter(&'static str),
    /// A meeting.
    Meeting,
}

/// What happens.
#[derive(Clone, Copy, Debug)]
pub struct Beat {
    /// By what they meet.
    pub by: By,
    /// What came of it.
    pub result: Option<&'static str>,
    /// What was said.
    pub text: &'static str,
    /// How far it has come with that.
    pub then: Stage,
    /// What is to be done next, and after how many days.
    pub next: (&'static str, i64, i64),
}

const fn beat(
    by: By,
    result: Option<&'static str>,
    text: &'static str,
    then: Stage,
    next: (&'static str, i64, i64),
) -> Beat {
    Beat { by, result, text, then, next }
}

/// What is sent without an offer.
const PAPERS: [&str; 3] = ["Прайс-лист на новый месяц", "График поставок", "Акт сверки"];

/// Calls in vain are like each other, whatever they were about.
fn in_vain(dice: &mut Dice, stage: Stage) -> Beat {
    let text = *dice.of(&["", "", "Длинные гудки, никто не подошёл.", "Сбросили, набрать позже."]);
    beat(By::Unanswered, Some("no_answer"), text, stage, ("call_back", 1, 2))
}

impl Stage {
    /// What happens in this stage.
    pub fn beat(self, dice: &mut Dice) -> Beat {
        let roll = dice.below(100);
        match self {
            Self::Cold => cold(roll, dice),
            Self::Offer => {
                let subject = "Коммерческое предложение";
                let text = "Направил предложение по итогам разговора, срок действия две недели.";
                beat(By::Letter(subject), None, text, Self::Talks, ("call", 3, 6))
            }
            Self::Talks => talks(roll, dice),
            Self::Meeting => meeting(roll),
            Self::Invoice => {
                let text = "Счёт выставлен, оплата в течение пяти рабочих дней.";
                beat(By::Letter("Счёт на оплату"), None, text, Self::Payment, ("check_payment", 3, 5))
            }
            Self::Payment => payment(roll, dice),
            Self::Delivery => delivery(roll),
            Self::Routine | Self::Lost => routine(roll, dice),
        }
    }
}

fn cold(roll: usize, dice: &mut Dice) -> Beat {
    use Stage::{Cold, Lost, Offer};
    match roll {
        0..22 => in_vain(dice, Cold),
        22..36 => beat(
            By::Call,
            Some("not_available"),
            "Секретарь: ответственного нет на месте, просили перезвонить.",
            Cold,
            ("call_back", 1, 4),
        ),
        36..42 => beat(
            By::Call,
            Some("has_supplier"),
            "Работают с другим поставщиком, довольны.",
            Lost,
            ("call", 90, 120),
        ),
        42..48 => beat(By::Call, Some("not_interested"), "Пока не актуально.", Lost, ("call", 60, 120)),
        48..74 => beat(
            By::Call,
            Some("interested"),
            "Рассказал об условиях и сроках, заинтересованы, ждут предложение.",
            Offer,
            ("prepare_offer", 1, 3),
        ),
        _ => beat(
            By::Call,
            Some("offer_requested"),
            "Просят прислать предложение с ценами и сроком поставки.",
            Offer,
            ("send_offer", 1, 2),
        ),
    }
}

fn talks(roll: usize, dice: &mut Dice) -> Beat {
    use Stage::{Invoice, Lost, Meeting, Offer, Talks};
    match roll {
        0..14 => in_vain(dice, Talks),
        14..26 => beat(By::Call, Some("thinking"), "Предложение получили, думают.", Talks, ("call", 5, 10)),
        26..36 => beat(
            By::Call,
            Some("asks_management"),
            "Согласовывают с руководством, решение на следующей неделе.",
            Talks,
            ("call", 6, 9),
        ),
        36..48 => beat(
            By::Call,
            Some("too_expensive"),
            "Дорого, просят скидку или замену на аналог.",
            Offer,
            ("prepare_offer", 1, 3),
        ),
        48..62 => beat(
            By::Call,
            Some("meeting_arranged"),
            "Договорились встретиться, покажем образцы.",
            Meeting,
            ("meet", 2, 6),
        ),
        62..86 => {
            beat(By::Call, Some("order_placed"), "Согласны, просят счёт.", Invoice, ("send_invoice", 1, 1))
        }
        _ => beat(By::Call, Some("refused"), "Выбрали другого поставщика по цене.", Lost, ("call", 90, 150)),
    }
}

fn meeting(roll: usize) -> Beat {
    use Stage::{Invoice, Lost, Talks};
    match roll {
        0..60 => beat(
            By::Meeting,
            Some("agreed"),
            "Посмотрели образцы, договорились о первой партии.",
            Invoice,
            ("send_invoice", 1, 2),
        ),
        60..88 => beat(
            By::Meeting,
            Some("offer_discussed"),
            "Обсудили условия, просят отсрочку платежа, вернёмся с ответом.",
            Talks,
            ("call", 3, 7),
        ),
        _ => beat(By::Meeting, Some("refused"), "Не сошлись в условиях оплаты.", Lost, ("call", 90, 150)),
    }
}

fn payment(roll: usize, dice: &mut Dice) -> Beat {
    use Stage::{Delivery, Payment};
    match roll {
        0..12 => in_vain(dice, Payment),
        12..42 => beat(
            By::Call,
            Some("payment_promised"),
            "Счёт в бухгалтерии, обещали оплатить на этой неделе.",
            Payment,
            ("check_payment", 2, 4),
        ),
        _ => beat(
            By::Call,
            Some("informed"),
            "Оплата поступила, сообщил дату отгрузки.",
            Delivery,
            ("check_delivery", 5, 10),
        ),
    }
}

fn delivery(roll: usize) -> Beat {
    match roll {
        0..10 => beat(
            By::Call,
            Some("complaint"),
            "Недовольны упаковкой, часть товара заменим за наш счёт.",
            Stage::Delivery,
            ("check_delivery", 3, 6),
        ),
        _ => {
            beat(By::Call, Some("informed"), "Груз получен, замечаний нет.", Stage::Routine, ("call", 20, 45))
        }
    }
}

fn routine(roll: usize, dice: &mut Dice) -> Beat {
    use Stage::{Invoice, Lost, Offer, Routine};
    match roll {
        0..12 => in_vain(dice, Routine),
        12..42 => beat(
            By::Call,
            Some("order_placed"),
            "Повторный заказ, те же позиции.",
            Invoice,
            ("send_invoice", 1, 1),
        ),
        42..58 => beat(
            By::Call,
            Some("interested"),
            "Интересуются новой линейкой, нужны цены.",
            Offer,
            ("prepare_offer", 1, 3),
        ),
        58..76 => beat(
            By::Call,
            Some("informed"),
            "Потребности пока нет, остатки на складе.",
            Routine,
            ("call", 20, 45),
        ),
        76..88 => beat(By::Letter(PAPERS[dice.below(PAPERS.len())]), None, "", Routine, ("call", 15, 40)),
        88..95 => {
            beat(By::Call, Some("thinking"), "Думают о расширении ассортимента.", Routine, ("call", 10, 20))
        }
        _ => {
            beat(By::Call, Some("refused"), "Сократили закупки, работать не будут.", Lost, ("call", 120, 180))
        }
    }
}
