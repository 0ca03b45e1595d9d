#include "data/demo/demo_rules.h"

namespace noggin::data {
namespace {

// Why it is written this way: in a frame with two requests the one that counts, {T...}, and the one that does not,
// {D...}, come from the same phrases and occur next to the same words, so that word pairs cannot distinguish them. Most
// frames have words of their own ("although", "even though") that say whether the first or the second counts; a student
// learns those in a few epochs. Frames that use the same words in both orders ("either") also need to know which
// clause a word is in. With those alone a three-layer student of width 128 stayed at the level of the linear model for
// 20 epochs of 6,000 texts, so they are one in five.
constexpr std::string_view kRules = R"(
# ---- intents: X.do follows "to", X.thing is a noun phrase with its article
refund.do = get my money back for {item} | be refunded for {item} | receive a refund for {item}
 | have the price of {item} paid back | get back what i paid for {item}
refund.thing = the refund for {item} | a refund for {item} | the money back for {item} | my refund
 | the repayment for {item}
cancel.do = cancel the order for {item} | call off the order for {item} | withdraw my order
 | cancel {item} before it ships
 | take back the order for {item}
cancel.thing = the cancellation of {item} | a cancellation | the order that i called off | my cancellation of {item}
exchange.do = exchange {item} for another size | swap {item} for a new one | trade {item} for another colour
 | switch {item} for a different model
exchange.thing = the exchange of {item} | a swap of {item} for another size | the replacement for {item} | an exchange
address.do = change the delivery address | send {item} to another address | correct the street on my order
 | update my postal address | use a new address for {item}
address.thing = the change of address | the new delivery address | the wrong street on {item} | my postal address
delivery.do = track {item} | find out where {item} is | know when {item} arrives | see the delivery status of {item}
delivery.thing = the delivery of {item} | the tracking of {item} | the arrival date of {item}
 | the late parcel with {item}
invoice.do = get an invoice for {item} | receive the receipt for {item} | download the bill for {item}
 | have a copy of the invoice
invoice.thing = the invoice for {item} | a receipt for {item} | the bill for {item} | a copy of the invoice
password.do = reset my password | log in again | recover my login | unlock my account | choose a new password
password.thing = the password reset | my lost password | the locked account | the login to my account
repair.do = have {item} repaired | get {item} fixed | book a technician for {item} | send {item} in for repair
repair.thing = the repair of {item} | a technician for {item} | the repair appointment
 | the faulty {object} that needs fixing
charge.do = dispute a charge on my card | report a double charge | question a strange debit
 | contest the payment for {item}
charge.thing = the strange charge on my card | a double debit | the disputed payment for {item}
 | the charge i do not know
voucher.do = redeem a voucher | use my gift card for {item} | apply a discount code | pay for {item} with a coupon
voucher.thing = the voucher code | my gift card | the coupon for {item} | the discount code
upgrade.do = upgrade my plan | move up to a bigger plan | get a larger plan
upgrade.thing = the upgrade | the bigger plan | a plan with more features
downgrade.do = downgrade my plan | move down to a smaller plan | get a reduced plan
downgrade.thing = the downgrade | the smaller plan | a plan with fewer features
payout.do = withdraw my balance | have my balance paid out | cash out the credit
payout.thing = the payout of my balance | the withdrawal of the credit | a payout
top_up.do = top up my balance | add funds to my balance | load credit onto my wallet
top_up.thing = the top up of my balance | a deposit to my wallet | the loading of credit
subscribe.do = sign up for {news} | subscribe to {news} | join the list for {news}
subscribe.thing = the sign up for {news} | a subscription to {news}
unsubscribe.do = unsubscribe from {news} | leave the list for {news} | get off the list for {news}
unsubscribe.thing = the removal from {news} | the opt out from {news}

# ---- words
item = {det} {object} | {det} {object} | {det} {colour} {object}
det = the | my | this | that
colour = red | blue | green | black | white | grey | small | big | old | new | wooden | cheap
object = lamp | chair | table | sofa | desk | shelf | mirror | carpet | kettle | toaster | blender | heater | fan
 | camera
 | phone | tablet | laptop | printer | monitor | keyboard | speaker | radio | watch | ring | jacket | coat | shirt
 | dress
 | hat | scarf | backpack | suitcase | bicycle | helmet | tent | guitar | drill | mower | vacuum | mattress | pillow
news = the newsletter | your newsletter | the weekly offers | your offers | the product news | your mailing
 | the monthly mail
 | the price alerts | your sale reminders | the magazine
wish = want | want | need | wish | intend | mean
need = need | want | require | am after | am looking for
order_you = want | need | expect | wish | ask
f = | | | today | now | this week | at this point | at the moment | this time | these days
m = | | | really | just | simply | actually | honestly
hello = | | | | | | | | hi , | hello , | hey , | good morning , | hello there , | dear team , | hi all ,
bye = | | | | | | | | thanks | thank you | many thanks | can you help | please advise | best regards
 | hope you can help
earlier = earlier | before | last week | yesterday | at first | on monday | in my last message
nowadays = now | today | by now | this time | after some thought | in the meantime | at this point
done = done | settled | sorted | finished | solved | closed
open = open | pending | unsolved | unfinished | waiting

# ---- one wish
simple = i {m} {wish} to {T.do} {f} | can you help me to {T.do} {f} | how do i {T.do} {f}
 | please help me to {T.do} {f}
 | is it possible to {T.do} {f} | i {m} would like to {T.do} {f} | i am trying to {T.do} {f}
 | my question is about {T.thing} {f} | i am writing about {T.thing} {f} | i {m} need {T.thing} {f}
 | could you look at {T.thing} {f} | who can help me with {T.thing} {f} | there is a problem with {T.thing} {f}

# ---- two wishes, T is meant: some words say "the first counts", some "the second counts", some come in both orders
contrast = {second_counts} | {second_counts} | {first_counts} | {first_counts} | {either}
second_counts = instead of {D.thing} {f} i {need} {T.thing} {f}
 | forget {D.thing} {f} and look at {T.thing} {f}
 | this is not about {D.thing} {f} but about {T.thing} {f}
 | {D.thing} is {done} {f} and what remains is {T.thing}
 | {earlier} i wanted to {D.do} but {nowadays} i {wish} to {T.do}
 | you helped me to {D.do} {f} while i asked to {T.do} {f}
first_counts = i {need} {T.thing} {f} rather than {D.thing} {f}
 | {T.thing} is {open} {f} although {D.thing} is {done} {f}
 | i asked to {T.do} {f} even though you helped me to {D.do} {f}
 | i would prefer to {T.do} {f} over having to {D.do} {f}
 | i {wish} to {T.do} {f} , it is too late to {D.do} {f}
 | {T.thing} {f} matters more than {D.thing} {f}
either = i do not {wish} to {D.do} {f} , i {wish} to {T.do} {f}
 | i {wish} to {T.do} {f} , i do not {wish} to {D.do} {f}
 | {D.thing} can wait {f} , {T.thing} cannot wait {f}
 | {T.thing} cannot wait {f} , {D.thing} can wait {f}

# ---- two wishes, none is meant
nothing = i do not {wish} to {D.do} {f} and i do not {wish} to {E.do} {f}
 | {D.thing} is {done} {f} and {E.thing} is {done} {f}
 | {D.thing} can wait {f} and {E.thing} can wait {f}

# ---- stop and not: each alone turns the meaning around, both together turn it back
news.subscribe = i {order_you} you to {m} send me {news} {f}
 | i do not {order_you} you to {m} stop sending me {news} {f}
 | i {m} asked you to {m} start {news} {f} | i never {m} asked you to {m} stop {news} {f}
news.unsubscribe = i {order_you} you to {m} stop sending me {news} {f}
 | i do not {order_you} you to {m} send me {news} {f}
 | i {m} asked you to {m} stop {news} {f} | i never {m} asked you to {m} start {news} {f}

# ---- direction: X is where it is, Y where it shall be
plan_move = please {m} move me from the {X} plan {f} to the {Y} plan {f}
 | i have the {X} plan {f} and would like the {Y} plan {f}
 | replace the {X} plan {f} with the {Y} plan {f}
 | i {need} the {Y} plan {f} instead of the {X} plan {f}
 | the {Y} plan {f} would suit me better than the {X} plan {f}
money_move = please {m} move {amount} from {X} {f} to {Y} {f}
 | take {amount} out of {X} {f} and put it into {Y} {f}
 | there is too much in {X} {f} and not enough in {Y} {f}
 | i {need} {amount} in {Y} {f} rather than in {X} {f}
amount = {number} euros | {number} dollars | some money | the money | everything
number = ten | twenty | thirty | forty | fifty | sixty | eighty | ninety
shop_side = the wallet | the shop wallet | my shop balance | the store credit
bank_side = the bank | my bank account | the savings account | my current account

# ---- none of these
chatter = {small_talk} | {small_talk} | {small_talk} | are you hiring {worker} in {town} {f}
 | do you have a shop in {town} {f}
 | my {person} says hello from {town} {f} | what time does the office in {town} open {f}
small_talk = what is the weather like in {town} {f} | can you recommend a {place} in {town} {f}
 | how far is it from {town} to {town} {f} | my {person} had a nice day in {town} {f}
 | tell me a story about a {animal} {f}
 | does a {animal} sleep more than a {animal} {f} | who won the match in {town} {f}
 | i saw a {colour} {animal} in {town} {f}
 | my {person} wants to learn to {hobby} {f} | how do i teach my {person} to {hobby} {f}
town = rome | oslo | lisbon | vienna | dublin | athens | berlin | paris | madrid | prague | cairo | lima
place = bakery | museum | park | cafe | theatre | library | market
animal = horse | cat | dog | goat | rabbit | parrot | turtle | hedgehog | fox | owl
person = sister | brother | uncle | aunt | neighbour | cousin | friend | daughter | son
worker = drivers | writers | cleaners | designers | cooks
hobby = swim | dance | paint | sing | cook | knit | juggle

# ---- texts that nobody can place: the intents that fit are listed in demo_grammar.cpp
unclear.broken = {item} came broken {f} , {unhappy} | {item} stopped working {f} , {unhappy}
 | {item} is damaged {f} , {unhappy}
unclear.missing = i paid for {item} and nothing came {f} , {unhappy} | {item} never showed up {f} , {unhappy}
unclear.size = {item} does not fit {f} , {unhappy} | {item} is not what i expected {f} , {unhappy}
unclear.paid = the amount for {item} looks wrong {f} , {unhappy}
 | i do not understand what i paid for {item} {f} , {unhappy}
unhappy = what can you do | do something | what now | i am not happy | what do you suggest | please sort it out
)";

}  // namespace

std::string_view demo_rules() { return kRules; }

}  // namespace noggin::data
