"""Sentences about claims in English."""

from __future__ import annotations

from typing import Final

from sandbox.text.refunds.phrases import Phrases

PHRASES: Final = Phrases(
    openings=(
        "Hello,",
        "Hi there,",
        "Good evening,",
        "To the claims team:",
        "Please look at my order.",
        "I am writing about my order again.",
    ),
    absent=(
        "The parcel did not come to my door, and the box at the gate was empty of post as well.",
        "I do not have the item in my hands and nobody at home does.",
        "I was at home and I still wait for the parcel.",
        "What I ordered is not here, I looked at the door and asked the neighbours.",
        "There is no box at my address, I checked everywhere.",
        "I paid for it and I have not seen it, the box did not reach me.",
    ),
    hollow=(
        "The box came, but the item was not inside, only paper.",
        "I opened the box at the door and there was nothing in it.",
        "The parcel that reached me was light, the item is not in it.",
        "Only the packaging arrived, I looked everywhere in the box.",
    ),
    fault=(
        "When I opened the box at the door, the {part} was already {state}.",
        "The {part} is {state}, it was so straight out of the packaging.",
        "I have not used it: the {part} came {state}, you can see it at once.",
        "Out of the box the {part} was {state} and nobody here touched it.",
        "The {part} was {state} on the very first look, before I plugged or wore anything.",
        "It reached me with the {part} {state}, the packaging itself still closed.",
    ),
    other=(
        "I ordered another colour and size than what was in the box, the label shows it.",
        "In the box was a different model than the one on the page, with the {part} {state}.",
        "The number on the {part} is not that of the item I ordered, I saw it when I opened it.",
    ),
    later=(
        "At first all was fine, after some weeks of use the {part} was {state}.",
        "I have used it on a trip and now the {part} is {state}.",
        "The {part} held for a while, it is {state} since I washed it.",
        "When I opened the box the {part} looked good, now it is {state}.",
    ),
    dislike=(
        "The {part} is fine, but I do not like how it looks at my place.",
        "It is as on the page, only too large for my door, nothing is {state}.",
        "I looked at it again and I do not need the item after all.",
        "Nothing wrong with the {part}, I found another one that I like more.",
    ),
    vague=(
        "It is just not good.",
        "I am not happy with what reached me.",
        "The item is not what I paid for.",
    ),
    parts=("hinge", "lid", "strap", "zip", "handle", "cable", "seam", "frame", "button", "cover"),
    states=("cracked", "bent", "torn", "loose", "scratched", "stained", "missing", "snapped"),
    dates=("It reached me on {date}.", "The parcel was here on {date}.", "The box came on {date}."),
    unscanned=(
        "Your own tracking still shows it with the seller, it has not moved.",
        "The tracking never showed a delivery.",
        "By the tracking the courier has not even picked it up.",
    ),
    scanned=(
        "The tracking says it was delivered on {date}, which is a lie.",
        "Your page shows a delivery at my door on {date}.",
    ),
    pleas=(
        "I want my money back today.",
        "Refund me at once.",
        "I will not wait any longer.",
        "Please refund the full amount.",
        "Send the money back, please.",
    ),
    policy=(
        "By consumer law I am entitled to a full refund.",
        "Otherwise I open a dispute with my card.",
        "My bank will take the money back if you do not.",
        "I know my rights as a customer.",
    ),
    fillers=(
        "I have ordered here for some time.",
        "I wrote to the seller first.",
        "It was a gift for my sister.",
        "The seller was polite.",
        "I have two small children.",
        "The page showed it differently.",
        "I attach what I have.",
        "I paid by card.",
        "The packaging was the usual one.",
        "My partner was at home that week.",
        "I can answer questions in the evening.",
        "This is a pity, the price was good.",
        "I looked for the receipt as well.",
        "It took a while to write this.",
        "I had asked about the size before.",
        "The colour is nice, by the way.",
    ),
    closings=("Thank you.", "Thanks for your help.", "Best wishes.", "Waiting for your answer."),
    neat=(
        "I would like to set out the matter clearly and calmly.",
        "I appreciate the time taken to review this request.",
        "I am confident that a fair solution can be found for both sides.",
        "Please let me know whether further information is required.",
    ),
    arrived=(
        "It is here, thank you!",
        "Just got the parcel, thanks.",
        "Received, all good.",
        "The box came today, thank you for the quick delivery.",
    ),
    pleased=(
        "It works very well, thank you.",
        "Very happy with it, exactly as shown.",
        "Perfect, better than I thought.",
        "Used it all weekend, great item.",
    ),
    small_talk=(
        "When will it be here?",
        "Is it on its way?",
        "Can I still change the colour?",
        "Thank you for the answer.",
        "Please look at my claim.",
        "Do you have it in blue too?",
    ),
    answers=(
        "Thank you for your message, we look into it.",
        "It is on its way with the carrier.",
        "We are sorry and come back to you.",
        "Dear customer, please give us a day.",
    ),
    replies=(
        "We packed this ourselves and everything was in order.",
        "Our goods are checked before they leave.",
        "We do not agree with this claim.",
        "We shipped what was ordered and ask you to look at the papers.",
        "Please decide by your rules, we have said what we know.",
        "The customer did not answer our question.",
        "We offered a solution and got no answer.",
    ),
    came_back_other=(
        "What came back is not what we sent out.",
        "The return is not our item, please compare it.",
        "We did not get our goods back in that parcel.",
    ),
)
