"""How often a model finds what is told by its form in sentences that never had it: spans of dev sentences are replaced by made-up
addresses and numbers. Usage: forms.py NOGGIN DATA MODEL.nog...   (DATA/teacher_logs/presidio/val.jsonl)
Prints, by type, the share found exactly (begin, end, type) and the share masked whole, under any type.
"""
import collections
import json
import random
import subprocess
import sys

chance = random.Random(5)
NAMES = "anna p.miller contact JohnKirk sales hr.team luisa BettyRoss dev".split()
WORDS = "example acme river teleworm green-shop contoso mail wholefoods".split()
ENDINGS = "com org de net io co.uk".split()


def digits(count):
    return "".join(chance.choice("0123456789") for _ in range(count))


def host():
    return f"{chance.choice(WORDS)}.{chance.choice(ENDINGS)}"


PHONES = (lambda: f"{digits(3)}-{digits(3)}-{digits(4)}", lambda: f"({digits(3)}) {digits(3)}-{digits(4)}",
          lambda: f"+{digits(2)} {digits(3)} {digits(7)}", lambda: f"{digits(3)} {digits(4)}",
          lambda: f"{digits(3)}.{digits(3)}.{digits(4)}x{digits(3)}")
FORMS = {"CREDIT_CARD": lambda: chance.choice("45") + digits(15),
         "DOMAIN_NAME": lambda: f"https://www.{host()}/",
         "EMAIL_ADDRESS": lambda: f"{chance.choice(NAMES)}@{host()}",
         "IP_ADDRESS": lambda: ".".join(str(chance.randint(1, 254)) for _ in range(4)),
         "PHONE_NUMBER": lambda: chance.choice(PHONES)(),
         "US_SSN": lambda: f"{digits(3)}-{digits(2)}-{digits(4)}"}
REPLACED = ("CREDIT_CARD", "PHONE_NUMBER", "IBAN_CODE", "PERSON", "ORGANIZATION", "LOCATION")


def spans(row):
    """[begin, end, type] in characters"""
    found, offsets = [], row["offsets"] if isinstance(row["offsets"], list) else json.loads(row["offsets"])
    open_type = None
    for tag, (begin, end) in zip(row["tags"], offsets):
        if tag == f"I-{open_type}":
            found[-1][1] = end
        elif tag != "O":
            found.append([begin, end, tag[2:]])
        open_type = None if tag == "O" else tag[2:]
    return found


def sentences(path):
    """(text, begin, end, type) of what was put in, in bytes; two of each row that has a span to replace"""
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        places = [span for span in spans(row) if span[2] in REPLACED]
        for _ in range(2 if places else 0):
            begin, end, _ = chance.choice(places)
            kind = chance.choice(sorted(FORMS))
            before, put = row["text"][:begin].replace("\n", " "), FORMS[kind]()
            text = before + put + row["text"][end:].replace("\n", " ")
            yield text, len(before.encode()), len((before + put).encode()), kind


def main():
    noggin, data, models = sys.argv[1], sys.argv[2], sys.argv[3:]
    rows = list(sentences(f"{data}/teacher_logs/presidio/val.jsonl"))
    print("| model | exact % | masked % | " + " | ".join(f"{kind}, n = {sum(row[3] == kind for row in rows)}" for kind in FORMS) + " |")
    print("|---" * (3 + len(FORMS)) + "|")
    for model in models:
        answers = subprocess.run([noggin, "predict", model, "--json"], input="\n".join(row[0] for row in rows).encode(),
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode().splitlines()
        exact, masked, count = collections.Counter(), collections.Counter(), collections.Counter()
        for (_, begin, end, kind), answer in zip(rows, answers, strict=True):
            found = [(span["start"], span["end"], span["type"]) for span in json.loads(answer)["spans"]]
            count[kind] += 1
            exact[kind] += (begin, end, kind) in found
            masked[kind] += sum(max(0, min(end, e) - max(begin, b)) for b, e, _ in found) == end - begin
        share = lambda counts: f"{100 * sum(counts.values()) / len(rows):.1f}"
        cells = [f"{100 * exact[kind] / count[kind]:.0f} / {100 * masked[kind] / count[kind]:.0f}" for kind in FORMS]
        print(f"| {model} | {share(exact)} | {share(masked)} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
