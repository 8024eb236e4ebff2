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

/// Whom one talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A company, with those who decide in it.
    Company,
    /// Somebody who decides alone: a private person or a sole trader.
    Alone,
    /// A hospital, a school, an office: it buys by the rules of public procurement.
    Public,
}

impl Audience {
    const fn hears(self, company: &'static str, alone: &'static str, public: &'static str) -> &'static str {
        match self {
            Self::Company => company,
            Self::Alone => alone,
            Self::Public => public,
        }
    }
}

/// By what they meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A call that was answered.
    Call,
    /// A call of theirs.
    TheirCall,
    /// A call in vain.
    Unanswered,
    /// A letter, on this.
    Letter(&'static str),
    /// A letter of theirs, on this.
    TheirLetter(&'static str),
    /// A short message.
    Message,
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

/// A call of ours that was answered.
const fn call(result: &'static str, text: &'static str, then: Stage, next: (&'static str, i64, i64)) -> Beat {
    beat(By::Call, Some(result), text, then, next)
}

/// Calls in vain are like each other, whatever they were about.
fn in_vain(dice: &mut Dice, stage: Stage) -> Beat {
    let text = *dice.of(&["", "", "Длинные гудки, никто не подошёл.", "Сбросили, набрать позже."]);
    beat(By::Unanswered, Some("no_answer"), text, stage, ("call_back", 1, 2))
}

impl Stage {
    /// What happens in this stage.
    pub fn beat(self, dice: &mut Dice, to: Audience) -> Beat {
        let roll = dice.below(100);
        match self {
            Self::Cold => cold(roll, dice, to),
            Self::Offer => {
                let text = "Направил предложение по итогам разговора, срок действия две недели.";
                beat(By::Letter("Коммерческое предложение"), None, text, Self::Talks, ("call", 3, 6))
            }
            Self::Talks => talks(roll, dice, to),
            Self::Meeting => meeting(roll, to),
            Self::Invoice => {
                let text = to.hears(
                    "Счёт выставлен, оплата в течение пяти рабочих дней.",
                    "Счёт выставлен, ссылка на оплату в письме.",
                    "Счёт и проект контракта направлены, оплата по факту поставки.",
                );
                beat(By::Letter("Счёт на оплату"), None, text, Self::Payment, ("check_payment", 3, 5))
            }
            Self::Payment => payment(roll, dice, to),
            Self::Delivery => delivery(roll),
            Self::Routine | Self::Lost => routine(roll, dice, to),
        }
    }
}

fn cold(roll: usize, dice: &mut Dice, to: Audience) -> Beat {
    use Stage::{Cold, Lost, Offer};
    match roll {
        0..22 => in_vain(dice, Cold),
        22..36 => {
            let text = to.hears(
                "Секретарь: ответственного нет на месте, просили перезвонить.",
                "Неудобно говорить, просили перезвонить.",
                "Контрактный управляющий в отпуске, просили перезвонить.",
            );
            call("not_available", text, Cold, ("call_back", 1, 4))
        }
        36..42 => {
            let text = to.hears(
                "Работают с другим поставщиком, довольны.",
                "Покупает у знакомых, менять не хочет.",
                "Годовой контракт заключён с другим поставщиком.",
            );
            call("has_supplier", text, Lost, ("call", 90, 120))
        }
        42..48 => call("not_interested", "Пока не актуально.", Lost, ("call", 60, 120)),
        48..70 => {
            let text = to.hears(
                "Рассказал об условиях и сроках, заинтересованы, ждут предложение.",
                "Рассказал об условиях и доставке, интересно, ждёт цены.",
                "Формируют план закупок, нужны цены для обоснования.",
            );
            call("interested", text, Offer, ("prepare_offer", 1, 3))
        }
        70..78 => {
            let text = "Запрос с сайта: цены и срок поставки.";
            let by = By::TheirLetter("Запрос цен");
            beat(by, Some("offer_requested"), text, Offer, ("send_offer", 1, 2))
        }
        _ => {
            let text = to.hears(
                "Просят прислать предложение с ценами и сроком поставки.",
                "Просит прислать цены и срок доставки.",
                "Просят коммерческое предложение на бланке, с печатью.",
            );
            call("offer_requested", text, Offer, ("send_offer", 1, 2))
        }
    }
}

fn talks(roll: usize, dice: &mut Dice, to: Audience) -> Beat {
    use Stage::{Invoice, Lost, Meeting, Offer, Talks};
    match roll {
        0..14 => in_vain(dice, Talks),
        14..26 => {
            let text = to.hears(
                "Предложение получили, думают.",
                "Предложение на руках, решение не принято.",
                "Предложение получили, сравнивают с двумя другими.",
            );
            call("thinking", text, Talks, ("call", 5, 10))
        }
        26..36 => {
            let text = to.hears(
                "Согласовывают с руководством, решение на следующей неделе.",
                "Решает на семейном совете, ответ на следующей неделе.",
                "Согласовывают с учредителем, решение после выделения средств.",
            );
            call("asks_management", text, Talks, ("call", 6, 9))
        }
        36..44 => {
            let text = to.hears(
                "Дорого, просят скидку или замену на аналог.",
                "Дорого, просит скидку или рассрочку.",
                "Выше начальной цены контракта, ждут пересчёта.",
            );
            call("too_expensive", text, Offer, ("prepare_offer", 1, 3))
        }
        44..48 => {
            let text = "Уточняют комплектацию, просят пересчитать.";
            beat(By::TheirLetter("Re: Коммерческое предложение"), None, text, Offer, ("prepare_offer", 1, 3))
        }
        48..62 => {
            let text = "Договорились встретиться, покажем образцы.";
            call("meeting_arranged", text, Meeting, ("meet", 2, 6))
        }
        62..86 => {
            let text = to.hears(
                "Согласны, просят счёт.",
                "Берёт, ждёт счёт.",
                "Закупка у единственного поставщика, ждут счёт.",
            );
            call("order_placed", text, Invoice, ("send_invoice", 1, 1))
        }
        _ => call("refused", "Выбрали другого поставщика по цене.", Lost, ("call", 90, 150)),
    }
}

fn meeting(roll: usize, to: Audience) -> Beat {
    use Stage::{Invoice, Lost, Talks};
    let met = |result, text, then, next| beat(By::Meeting, Some(result), text, then, next);
    match roll {
        0..60 => {
            let text = to.hears(
                "Посмотрели образцы, договорились о первой партии.",
                "Посмотрели образцы в салоне, договорились о заказе.",
                "Посмотрели образцы, характеристики подходят под техзадание.",
            );
            met("agreed", text, Invoice, ("send_invoice", 1, 2))
        }
        60..88 => {
            let text = to.hears(
                "Обсудили условия, просят отсрочку платежа, вернёмся с ответом.",
                "Обсудили условия, просит рассрочку, вернёмся с ответом.",
                "Обсудили условия контракта, вернёмся с ответом по срокам.",
            );
            met("offer_discussed", text, Talks, ("call", 3, 7))
        }
        _ => met("refused", "Не сошлись в условиях оплаты.", Lost, ("call", 90, 150)),
    }
}

fn payment(roll: usize, dice: &mut Dice, to: Audience) -> Beat {
    use Stage::{Delivery, Payment};
    match roll {
        0..10 => in_vain(dice, Payment),
        10..18 => {
            let text = "Напомнил о счёте.";
            beat(By::Message, None, text, Payment, ("check_payment", 2, 4))
        }
        18..42 => {
            let text = to.hears(
                "Счёт в бухгалтерии, обещали оплатить на этой неделе.",
                "Обещает оплатить до конца недели.",
                "Ждут финансирования из казначейства, оплатят на следующей неделе.",
            );
            call("payment_promised", text, Payment, ("check_payment", 2, 4))
        }
        42..60 => {
            let text = "Прислали платёжное поручение, отгрузку подтвердил.";
            beat(By::TheirLetter("Платёжное поручение"), None, text, Delivery, ("check_delivery", 5, 10))
        }
        _ => {
            let text = "Оплата поступила, сообщил дату отгрузки.";
            call("informed", text, Delivery, ("check_delivery", 5, 10))
        }
    }
}

fn delivery(roll: usize) -> Beat {
    match roll {
        0..6 => {
            let text = "Недовольны упаковкой, часть товара заменим за наш счёт.";
            call("complaint", text, Stage::Delivery, ("check_delivery", 3, 6))
        }
        6..12 => {
            let text = "Звонят сами: машина не пришла к обещанному часу, выяснил, будет к вечеру.";
            beat(By::TheirCall, Some("complaint"), text, Stage::Delivery, ("check_delivery", 1, 2))
        }
        _ => call("informed", "Груз получен, замечаний нет.", Stage::Routine, ("call", 20, 45)),
    }
}

fn routine(roll: usize, dice: &mut Dice, to: Audience) -> Beat {
    use Stage::{Invoice, Lost, Offer, Routine};
    let invoice = ("send_invoice", 1, 1);
    match roll {
        0..12 => in_vain(dice, Routine),
        12..22 => {
            let text = to.hears(
                "Повторный заказ, те же позиции.",
                "Звонит сам, повторяет заказ.",
                "Заявка по действующему контракту.",
            );
            beat(By::TheirCall, Some("order_placed"), text, Invoice, invoice)
        }
        22..34 => {
            let text = "Заявка по почте, те же позиции.";
            beat(By::TheirLetter("Заявка на поставку"), Some("order_placed"), text, Invoice, invoice)
        }
        34..42 => call("order_placed", "Договорились о повторном заказе.", Invoice, invoice),
        42..58 => {
            let text = "Интересуются новой линейкой, нужны цены.";
            call("interested", text, Offer, ("prepare_offer", 1, 3))
        }
        58..76 => {
            let text = to.hears(
                "Потребности пока нет, остатки на складе.",
                "Пока ничего не нужно.",
                "До нового финансового года закупок не планируют.",
            );
            call("informed", text, Routine, ("call", 20, 45))
        }
        76..88 => {
            let papers = match to {
                Audience::Company => ["Прайс-лист на новый месяц", "График поставок", "Акт сверки"],
                Audience::Alone => ["Прайс-лист на новый месяц", "Новинки сезона", "Гарантийный талон"],
                Audience::Public => ["Прайс-лист на новый месяц", "Сертификаты соответствия", "Акт сверки"],
            };
            beat(By::Letter(papers[dice.below(papers.len())]), None, "", Routine, ("call", 15, 40))
        }
        88..95 => {
            let text = to.hears(
                "Думают о расширении ассортимента.",
                "Думает о покупке к сезону.",
                "Готовят закупку на следующий квартал.",
            );
            call("thinking", text, Routine, ("call", 10, 20))
        }
        _ => {
            let text = to.hears(
                "Сократили закупки, работать не будут.",
                "Больше не нужно, просит не звонить.",
                "Закупки передали в единый центр, напрямую не покупают.",
            );
            call("refused", text, Lost, ("call", 120, 180))
        }
    }
}
