"""A small OneRoster set by hand: one school, two colleges, three teams, nine people."""

import csv
import io
import zipfile
from collections.abc import Mapping

ORGS = """sourcedId,status,name,type,parentSourcedId,metadata.lantern.nameEn
u1,active,测试大学,school,,Test University
c1,active,计算机学院,department,u1,Computer Science
c2,active,材料学院,department,u1,Materials
"""
CLASSES = """sourcedId,status,title,schoolSourcedId
t1,active,第一课题组,c1
t2,active,第二课题组,c1
t3,active,第三课题组,c2
"""
USERS = """sourcedId,status,enabledUser,givenName,familyName,identifier,email,role,orgSourcedIds,\
metadata.lantern.degree,metadata.lantern.intake,metadata.lantern.webhook
s-ann,active,true,小安,欧阳,2023900001,ann@planted.example,student,c1,master,2023,
s-bob,active,true,大波,司马,2023900002,bob@planted.example,student,c1,doctor,2022,
s-cat,active,true,阿彩,诸葛,2023900003,,student,c2,master,2024,
a-dan,active,true,老丹,上官,90001,dan@planted.example,teacher,c1,,,https://hook.example/dan
p-eve,active,true,伊芙,夏侯,2022900004,eve@planted.example,student,c1,doctor,2021,
k-fay,active,true,菲菲,慕容,90002,fay@planted.example,counselor,c1,,,
k-gus,active,true,古斯,令狐,90003,,counselor,c2,,,
o-hal,active,true,哈尔,独孤,90004,hal@planted.example,siteAdministrator,u1,,,
i-ivy,active,true,艾薇,南宫,90005,,systemAdministrator,u1,,,
"""
ENROLLMENTS = """sourcedId,status,classSourcedId,userSourcedId,role,primary,beginDate,endDate
e1,active,t1,s-ann,student,true,2023-09-01,2027-06-30
e2,active,t2,s-bob,student,true,2022-09-01,2027-06-30
e3,active,t3,s-cat,student,true,2024-09-01,2027-06-30
e4,active,t1,a-dan,teacher,,,
e5,active,t1,p-eve,aide,,,
e6,active,t1,p-eve,student,true,2021-09-01,2027-06-30
"""
SESSIONS = """sourcedId,status,title,type,startDate,endDate,metadata.lantern.kind,\
metadata.lantern.org
y1,active,2026-2027,schoolYear,2026-09-01,2027-08-31,,
h1,active,国庆,term,2026-10-01,2026-10-07,holiday,u1
x1,active,期末,term,2027-01-04,2027-01-15,exam,c1
"""
MANIFEST = """propertyName,value
manifest.version,1.0
oneroster.version,1.2
file.orgs,bulk
file.classes,bulk
file.users,bulk
file.enrollments,bulk
file.academicSessions,bulk
"""
FILES: dict[str, str] = {
    "manifest.csv": MANIFEST,
    "orgs.csv": ORGS,
    "classes.csv": CLASSES,
    "users.csv": USERS,
    "enrollments.csv": ENROLLMENTS,
    "academicSessions.csv": SESSIONS,
}
PLANTED = (
    "小安", "欧阳", "大波", "司马", "阿彩", "诸葛", "老丹", "上官", "伊芙", "夏侯", "菲菲", "慕容",
    "古斯", "令狐", "哈尔", "独孤", "艾薇", "南宫", "20239000", "2022900004", "90001", "90002",
    "90003", "90004", "90005", "planted.example", "hook.example", "s-ann", "a-dan",
)  # fmt: skip


def encoded(files: Mapping[str, str] = FILES) -> dict[str, bytes]:
    """Return the files as bytes."""
    return {name: text.encode() for name, text in files.items()}


def zipped(files: Mapping[str, str] = FILES, folder: str = "") -> bytes:
    """Return the files as one zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{folder}{name}", text)
    return buffer.getvalue()


def replaced(file: str, old: str, new: str, files: Mapping[str, str] = FILES) -> dict[str, str]:
    """Return the files with one text replaced, which must be there."""
    assert old in files[file]
    return {**files, file: files[file].replace(old, new)}


def without(file: str, *ids: str, files: Mapping[str, str] = FILES) -> dict[str, str]:
    """Return the files without the lines of some ids."""
    lines = files[file].splitlines(keepends=True)
    return {**files, file: "".join(x for x in lines if x.split(",", 1)[0] not in ids)}


def many_students(count: int) -> dict[str, str]:
    """Return a set with so many students more, spread over the teams."""
    users, enrollments = io.StringIO(), io.StringIO()
    user, enrollment = csv.writer(users), csv.writer(enrollments)
    for n in range(count):
        row = [f"m{n}", "active", "true", f"名{n}", f"姓{n}", f"M{n:07}", f"m{n}@x.example"]
        user.writerow([*row, "student", "c1", "master", 2024, ""])
        enrollment.writerow(
            [f"me{n}", "active", f"t{n % 3 + 1}", f"m{n}", "student", "true", "", ""]
        )
    return {
        **FILES,
        "users.csv": USERS + users.getvalue(),
        "enrollments.csv": ENROLLMENTS + enrollments.getvalue(),
    }
