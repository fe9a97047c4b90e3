"""Settings of documents, prefix `PARVIS_DOCUMENTS_`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from services.chassis.settings import DOT_ENV, EnvironmentSettings
from services.contracts.api.documents import MAX_PARTS
from services.contracts.parameters import LARGEST_UPLOAD


class DocumentsSettings(EnvironmentSettings):
    """At what pace uploads are taken, and what looking into them may cost."""

    model_config = SettingsConfigDict(env_prefix="PARVIS_DOCUMENTS_", env_file=DOT_ENV, extra="ignore", frozen=True)

    max_pixels: Annotated[int, Field(ge=1_000_000, le=200_000_000)] = 60_000_000
    """Width times height of the largest image, inclusive; today's phones take 50 million."""

    part_max_bytes: Annotated[int, Field(ge=1024, le=LARGEST_UPLOAD)] = LARGEST_UPLOAD
    """The largest photo or PDF that is to become pages of a PDF, inclusive, in bytes."""
    assembly_parts: Annotated[int, Field(ge=1, le=MAX_PARTS)] = 30
    """Photos and PDFs that one PDF is made of, at most."""
    assembly_bytes: Annotated[int, Field(ge=1024, le=2**30)] = 100 * 2**20
    """Bytes of all of them together as they are kept, inclusive: photos are kept no larger than print needs."""

    uploads_at_once: Annotated[int, Field(ge=1, le=1024)] = 64
    """Per process, shared out among accounts and networks; further ones are asked to come back."""
    upload_seconds: Annotated[float, Field(gt=0, le=3600)] = 600.0
    """How long the bytes of one upload may take."""
    upload_grace_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """How long an upload may stall before the least rate counts."""
    upload_bytes_per_second: Annotated[int, Field(ge=1)] = 8192
    """The least rate; a phone at the edge of its network sends faster."""

    open_uploads: Annotated[int, Field(ge=1, le=100)] = 8
    """Uploads that can go on where they were cut off, of one person and open at the same time."""
    open_upload_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """How long one is kept, from its beginning."""

    inspections_at_once: Annotated[int, Field(ge=1, le=64)] = 2
    """Files that one process looks into at the same time; one of each person's."""
    inspection_cpu_seconds: Annotated[int, Field(ge=1, le=300)] = 10
    """Processor time for one file; one that takes more is refused as too complex."""
    inspection_quick_seconds: Annotated[int, Field(ge=1, le=300)] = 1
    """Of it, what every file gets at once; those that need more wait for each other, and let others pass."""
    inspection_seconds: Annotated[int, Field(ge=1, le=300)] = 30
    """Time by the wall for one file; after that the machine is taken to be overloaded."""
    inspection_queue_seconds: Annotated[float, Field(gt=0, le=300)] = 30.0
    """How long an upload waits for its turn to be inspected."""
    inspection_megabytes: Annotated[int, Field(ge=256, le=16384)] = 1024
    """Address space for looking into a file."""

    papers_at_once: Annotated[int, Field(ge=1, le=64)] = 4
    """PDFs of receipts and whole files that one process makes and sends at the same time, shared out among accounts and
    networks; who comes beyond is asked to come back."""
    previews_at_once: Annotated[int, Field(ge=1, le=1024)] = 64
    """Pages that one process draws or has waiting at the same time, shared out as those PDFs are."""
    dossier_bytes: Annotated[int, Field(ge=2**20, le=60 * 2**20)] = 60 * 2**20
    """Bytes of all pieces in the PDF of a whole file; what is beyond is left out and named on its cover."""

    receipt_margin_days: Annotated[int, Field(ge=1, le=2)] = 2
    """How much sooner receipts expire than documents that nothing holds: what is attached at the last moment is known before
    the sweep comes."""
    orphan_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """Age from which an upload that never came to its end is given up, and its bytes are taken away."""

    @model_validator(mode="after")
    def _uploads_end(self) -> Self:
        if self.upload_seconds >= self.orphan_hours * 3600:
            raise ValueError("upload_seconds must be less than orphan_hours")
        # The sweep that takes away what has no row does not look for pieces: by then their uploads are over.
        if self.open_upload_hours > self.orphan_hours:
            raise ValueError("open_upload_hours must be at most orphan_hours")
        return self
