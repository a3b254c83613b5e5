"""What publishers say: advisories with their documents and vulnerabilities, and what is known of exploitation."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models import Kept, Past, Text


class Feed(models.Model):
    """An official address and how far it was read. etag, modified: as the server gave them; position: the newest entry taken.

    Not kept: what came of a feed is, and each sync that wrote left its revision.
    """

    key = models.CharField(primary_key=True, max_length=20)
    url = models.TextField()
    etag = models.TextField(blank=True, default="")
    modified = models.TextField(blank=True, default="")
    position = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True, default="")


class AdvisoryFields(models.Model):
    """tracking: the publisher's id; released: of this revision, an instant; makers: parted by ", ".

    score: the highest CVSS base score in tenths, 0 if there is none; severity: its word (critical, high, medium, low), else empty;
    kev: whether one of its vulnerabilities is known to be exploited; digest: SHA-256 of the document; search: what a search
    compares, folded.
    """

    tracking = Text()
    publisher = Text()
    version = Text()
    released = models.BigIntegerField(default=0)
    title = Text()
    makers = Text()
    severity = Text()
    score = models.IntegerField(default=0)
    kev = models.BooleanField(default=False)
    products = models.IntegerField(default=0)
    digest = Text()
    search = Text()

    class Meta:
        abstract = True


class Advisory(AdvisoryFields, Kept):
    """One advisory in its newest revision; earlier ones are in the past."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tracking"], name="exposure_advisory_tracking")]
        indexes = [
            models.Index(fields=["released", "id"], name="exposure_advisory_released"),
            models.Index(fields=["score", "id"], name="exposure_advisory_score"),
        ]

    def __str__(self) -> str:
        return f"{self.tracking} {self.title}".strip()


class AdvisoryPast(AdvisoryFields, Past):
    """An advisory in an earlier revision."""

    of = Advisory


class DocumentFields(models.Model):
    """packed: the publisher's own bytes, by zlib and base64. Its id is the advisory's; read only where the text is needed."""

    packed = Text()

    class Meta:
        abstract = True


class Document(DocumentFields, Kept):
    """The document of an advisory, as it was published."""


class DocumentPast(DocumentFields, Past):
    """The document of an earlier revision."""

    of = Document


class VulnerabilityFields(models.Model):
    """One vulnerability of one advisory, in the advisory's order. name: the CVE, else the publisher's own id.

    cvss: as the advisory gives it, one decimal, else empty; vector: of that score; weakness: the CWE's words.
    """

    advisory = models.ForeignKey(Advisory, models.PROTECT, related_name="%(class)s_rows", db_constraint=False)
    place = models.IntegerField(default=0)
    name = Text()
    cvss = Text()
    vector = Text()
    weakness = Text()

    class Meta:
        abstract = True


class Vulnerability(VulnerabilityFields, Kept):
    """What an advisory says of one vulnerability."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advisory", "name"], name="exposure_vulnerability_once")
        ]
        indexes = [models.Index(fields=["name"], name="exposure_vulnerability_name")]


class VulnerabilityPast(VulnerabilityFields, Past):
    """What an earlier revision said."""

    of = Vulnerability


class CveFields(models.Model):
    """What is known of the exploitation of a vulnerability that some advisory names.

    kev: in CISA's catalogue; kev_added, kev_due: its days as ISO text (the due day is history since BOD 26-04); ransomware: used in
    such campaigns; epss: the probability as FIRST's file writes it.
    """

    name = Text()
    kev = models.BooleanField(default=False)
    kev_added = Text()
    kev_due = Text()
    ransomware = models.BooleanField(default=False)
    epss = Text()

    class Meta:
        abstract = True


class Cve(CveFields, Kept):
    """Exploitation as it is known now; in a table of its own because scores change by the day and documents do not."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="exposure_cve_name")]


class CvePast(CveFields, Past):
    """Exploitation as it was known."""

    of = Cve
