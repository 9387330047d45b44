"""The countries and cities of the demo: real cities with their time zones, streets that could be anywhere in them.

Telephone numbers are of ranges that are reserved for fiction; Spain and the Philippines have none, so nobody there has
one.
"""

from __future__ import annotations

from dataclasses import dataclass

from models import Language


@dataclass(frozen=True)
class City:
    """A city; ``postal`` has # for digits and @ for letters."""

    name: str
    region: str
    postal: str
    time_zone: str
    latitude: float
    longitude: float
    phone: str | None = None


@dataclass(frozen=True)
class Country:
    """A country with what companies and people are called there."""

    code: str
    currency: str
    suffix: str
    tax: str
    vat: str
    streets: tuple[str, ...]
    """How an address is written there: {n} is the house number."""
    first: tuple[str, ...]
    last: tuple[str, ...]
    mobile: str | None
    hourly: tuple[int, int]
    cities: tuple[City, ...]
    language: Language = Language.EN
    """What its people are written to in, where there are words of ours in it."""


GB = Country(
    "GB", "GBP", "Ltd", "##########", "GB#########",
    ("{n} Mill Lane", "{n} Station Road", "{n} Victoria Street", "{n} Quayside", "{n} Church Walk", "{n} Foundry Way"),
    ("Amelia", "Callum", "Priya", "Owen", "Hannah", "Idris", "Grace", "Rhys", "Nadia", "Fergus", "Zoe", "Martin"),
    ("Hughes", "Okafor", "Patel", "Sinclair", "Barker", "Llewellyn", "Ahmed", "Whitfield", "Doyle", "Marsden"),
    "+447700900###", (17, 29),
    (
        City("London", "Greater London", "EC#A #@@", "Europe/London", 51.51, -0.09, "+44207946####"),
        City("Manchester", "Greater Manchester", "M# #@@", "Europe/London", 53.48, -2.24, "+441614960###"),
        City("Leeds", "West Yorkshire", "LS# #@@", "Europe/London", 53.80, -1.55, "+441134960###"),
        City("Birmingham", "West Midlands", "B# #@@", "Europe/London", 52.48, -1.90, "+441214960###"),
        City("Glasgow", "Scotland", "G# #@@", "Europe/London", 55.86, -4.25, "+441414960###"),
        City("Bristol", "Bristol", "BS# #@@", "Europe/London", 51.45, -2.59, "+441174960###"),
        City("Cardiff", "Wales", "CF## #@@", "Europe/London", 51.48, -3.18, "+442920180###"),
        City("Belfast", "Northern Ireland", "BT# #@@", "Europe/London", 54.60, -5.93, "+442896496###"),
    ),
)  # fmt: skip
DE = Country(
    "DE", "EUR", "GmbH", "###########", "DE#########",
    ("Lindenstraße {n}", "Hafenstraße {n}", "Am Alten Markt {n}", "Industrieweg {n}", "Schillerstraße {n}"),
    ("Anna", "Jonas", "Leyla", "Matthias", "Svenja", "Tobias", "Katrin", "Emre", "Ulrike", "Felix"),
    ("Brandt", "Demirel", "Hoffmann", "Köhler", "Neumann", "Schäfer", "Vogel", "Wagner", "Zimmermann"),
    "+4917139200##", (22, 34),
    (
        City("Berlin", "Berlin", "101##", "Europe/Berlin", 52.52, 13.40, "+493023125###"),
        City("Hamburg", "Hamburg", "200##", "Europe/Berlin", 53.55, 9.99, "+494066969###"),
        City("München", "Bayern", "803##", "Europe/Berlin", 48.14, 11.58, "+498999998###"),
        City("Köln", "Nordrhein-Westfalen", "506##", "Europe/Berlin", 50.94, 6.96, "+492214710###"),
        City("Frankfurt am Main", "Hessen", "603##", "Europe/Berlin", 50.11, 8.68, "+496990009###"),
    ),
    Language.DE,
)  # fmt: skip
US = Country(
    "US", "USD", "Inc.", "##-#######", "",
    ("{n} Harbor Avenue", "{n} Cedar Street", "{n} Franklin Boulevard", "{n} Depot Road", "{n} Lakeview Drive"),
    ("Ashley", "Marcus", "Elena", "Tyrone", "Megan", "Luis", "Brooke", "Darnell", "Joy", "Nathan"),
    ("Alvarez", "Bennett", "Carter", "Delgado", "Foster", "Nguyen", "Ramirez", "Sullivan", "Whitaker"),
    "+1646555010#", (24, 41),
    (
        City("New York", "NY", "100##", "America/New_York", 40.71, -74.01, "+1212555010#"),
        City("Chicago", "IL", "606##", "America/Chicago", 41.88, -87.63, "+1312555011#"),
        City("Denver", "CO", "802##", "America/Denver", 39.74, -104.99, "+1303555012#"),
        City("Phoenix", "AZ", "850##", "America/Phoenix", 33.45, -112.07, "+1602555013#"),
        City("Seattle", "WA", "981##", "America/Los_Angeles", 47.61, -122.33, "+1206555014#"),
        City("Houston", "TX", "770##", "America/Chicago", 29.76, -95.37, "+1713555015#"),
    ),
)  # fmt: skip
PH = Country(
    "PH", "PHP", "Corp.", "###-###-###-000", "",
    ("{n} Mabini Street", "{n} Acacia Avenue", "{n} Bonifacio Drive", "Unit {n}, Sampaguita Tower"),
    ("Angelica", "Carlo", "Divina", "Ernesto", "Jasmine", "Miguel", "Rowena", "Paolo"),
    ("Aquino", "Bautista", "Dela Cruz", "Garcia", "Mendoza", "Reyes", "Santos", "Villanueva"),
    None, (220, 420),
    (
        City("Makati", "Metro Manila", "12##", "Asia/Manila", 14.55, 121.02),
        City("Cebu City", "Central Visayas", "60##", "Asia/Manila", 10.32, 123.89),
        City("Davao City", "Davao Region", "80##", "Asia/Manila", 7.07, 125.61),
    ),
)  # fmt: skip
ES = Country(
    "ES", "EUR", "S.L.", "B########", "ESB########",
    ("Calle de la Estación {n}", "Avenida del Puerto {n}", "Calle Mayor {n}", "Polígono Las Eras, nave {n}"),
    ("Carmen", "Álvaro", "Lucía", "Iker", "Montserrat", "Javier", "Noelia", "Rafael"),
    ("García", "Iglesias", "Moreno", "Ortega", "Puig", "Serrano", "Vázquez"),
    None, (15, 24),
    (
        City("Madrid", "Madrid", "280##", "Europe/Madrid", 40.42, -3.70),
        City("Barcelona", "Cataluña", "080##", "Europe/Madrid", 41.39, 2.17),
        City("Valencia", "Comunitat Valenciana", "460##", "Europe/Madrid", 39.47, -0.38),
        City("Las Palmas de Gran Canaria", "Canarias", "350##", "Atlantic/Canary", 28.12, -15.43),
    ),
    Language.ES,
)  # fmt: skip
FR = Country(
    "FR", "EUR", "SAS", "### ### ###", "FR###########",
    ("{n} rue de la Gare", "{n} quai des Docks", "{n} avenue Jean-Jaurès", "{n} boulevard des Tanneurs"),
    ("Camille", "Étienne", "Fatou", "Guillaume", "Inès", "Mathieu", "Solène", "Yanis"),
    ("Bernard", "Chevallier", "Diallo", "Fontaine", "Lefèvre", "Moreau", "Roussel"),
    "+3363998####", (18, 28),
    (
        City("Paris", "Île-de-France", "750##", "Europe/Paris", 48.86, 2.35, "+3319900####"),
        City("Lyon", "Auvergne-Rhône-Alpes", "690##", "Europe/Paris", 45.76, 4.84, "+3346571####"),
        City("Marseille", "Provence-Alpes-Côte d'Azur", "130##", "Europe/Paris", 43.30, 5.37, "+3346571####"),
        City("Toulouse", "Occitanie", "310##", "Europe/Paris", 43.60, 1.44, "+3353649####"),
        City("Nantes", "Pays de la Loire", "440##", "Europe/Paris", 47.22, -1.55, "+3326191####"),
    ),
)  # fmt: skip
