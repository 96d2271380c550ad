"""Ready-made answers that every workshop begins with (domain.md 2): size, resizing, engraving, date, sold out, thanks.

They name no price and promise nothing that the bench has not said: what is in brackets is filled in by hand.
"""

from __future__ import annotations

from typing import NamedTuple

MOST = 12
LONGEST_TITLE = 60
LONGEST_BODY = 1000


class Reply(NamedTuple):
    title: str
    body_en: str
    body_id: str

    def speaking(self, language: str) -> str:
        """In this language; in the other one where it is still missing."""
        return (self.body_id or self.body_en) if language == "id" else (self.body_en or self.body_id)


DEFAULTS = (
    Reply(
        "Ukuran",
        "Thank you for asking. Which size do you need? Measure the inside of a ring that fits you, in millimetres; "
        "for a bracelet, your wrist with a little room to move.",
        "Terima kasih sudah bertanya. Perlu ukuran berapa? Untuk cincin, ukur garis tengah bagian dalam cincin yang "
        "pas, dalam milimeter. Untuk gelang, ukur pergelangan lalu lebihkan sedikit supaya tidak sempit.",
    ),
    Reply(
        "Ubah ukuran",
        "Yes, we can make this piece in your size. Tell us the size, and we answer with the days that it takes "
        "before you order.",
        "Bisa, barang ini dapat kami buat sesuai ukuran. Sebutkan ukurannya, nanti kami kabari perlu berapa hari "
        "sebelum dipesan.",
    ),
    Reply(
        "Grafir",
        "Yes, we engrave by hand. Please write the words exactly as they shall stand on the piece, with capitals "
        "and spaces. Engraved pieces cannot be returned, but we repair and resize them.",
        "Bisa digrafir, dikerjakan dengan tangan. Tuliskan hurufnya persis seperti yang diinginkan, termasuk huruf "
        "besar dan spasinya. Barang yang sudah digrafir tidak bisa dikembalikan, tetapi tetap bisa diperbaiki atau "
        "diubah ukurannya.",
    ),
    Reply(
        "Kapan jadi",
        "The date on the page of the piece already counts our days of ceremony, when the bench is closed. "
        "By which day do you need it? We look whether that can be done.",
        "Tanggal di halaman barang sudah menghitung hari upacara, saat bengkel tutup. Perlu sampai tanggal berapa? "
        "Kami lihat dulu apakah terkejar.",
    ),
    Reply(
        "Habis",
        "This piece is sold out at the moment. We can make it again; would you like us to tell you when it is ready?",
        "Barang ini sedang habis. Bisa kami buat lagi. Mau dikabari kalau sudah jadi?",
    ),
    Reply(
        "Terima kasih",
        "Thank you, and thank you for choosing work from our bench. If anything is not right when the parcel arrives, "
        "write to us here first.",
        "Terima kasih sudah memilih hasil kerja bengkel kami. Kalau ada yang kurang pas saat paketnya sampai, tulis "
        "dulu ke kami di sini.",
    ),
)
