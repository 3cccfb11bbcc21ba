"""Text without meaning about nobody: sentences of business words, names of random syllables."""

COMPANY = "示例科技有限公司"
COMPANY_EN = "Example Technology"

# One word a part of a document, counted where text is measured. They read the same in GB18030, Big5 and Unicode.
MARKS = {
    "body": "山川甲石",
    "header": "山川乙石",
    "footer": "山川丙石",
    "note": "山川丁石",
    "comment": "山川戊石",
    "box": "山川己石",
    "hidden": "山川庚石",
    "property": "山川辛石",
    "deletion": "山川壬石",
    "embedded": "山川癸石",
}

_WORDS = "合同 报价 项目 方案 会议 纪要 季度 财务 报表 预算 采购 订单 考勤 设计 图纸 测试 需求 文档 产品 说明 供应商 物流 清单 审计 整改 计划 总结 培训 资料 投标 协议 验收 附件 通知 申请 审批 市场 分析 销售 数据 汇总 周报 研发 进度 质量 检验 生产 排期 库存 盘点 部门 负责人".split()
_LINKS = "的 和 与 及 对 在 将 按 由 请 已 需 可 再 并".split()
_PLAIN = "天气 早饭 公园 散步 旅行 照片 电影 音乐 阅读 花草 厨房 菜谱 孩子 周末 假期 车站 窗口 海边 山路 晚餐 朋友 生日 礼物 跑步 邻居 小猫".split()
_ENGLISH = "the report budget schedule supplier order design review plan quality market release service figure table result team meeting note project change delivery test stock sample line part work week".split()
_LEISURE = "the garden recipe travel photo music book river evening family weekend train window letter story song winter table kitchen walk friend lesson exam answer chapter".split()
_SURNAMES = "赵钱孙李周吴郑冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
_GIVEN = "山川石水木云雨林松竹梅兰泉溪峰岩原野星辰晨曦光明安宁清和平远航帆舟桥"
_SYLLABLES = "ba de ki lo mu na po ri sa te vu wo xe ya zi cor dal fen gor hal".split()


def sentence(r, language="zh", private=False):
    if language == "en":
        words = [r.choice(_LEISURE if private else _ENGLISH) for _ in range(r.randint(6, 14))]
        return " ".join(words).capitalize() + ". "
    words = _PLAIN if private else _WORDS
    return "".join(r.choice(words) + (r.choice(_LINKS) if r.random() < 0.5 else "") for _ in range(r.randint(4, 10))) + r.choice("。。。；，")


def paragraph(r, language="zh", sentences=4, private=False):
    return "".join(sentence(r, language, private) for _ in range(sentences)).rstrip("，；") + ("。" if language == "zh" else "")


def name(r, language="zh"):
    if language == "en":
        word = lambda: (r.choice(_SYLLABLES) + r.choice(_SYLLABLES)).capitalize()
        return f"{word()} {word()}"
    return r.choice(_SURNAMES) + r.choice(_GIVEN) + (r.choice(_GIVEN) if r.random() < 0.8 else "")


def title(r):
    return r.choice(_WORDS) + r.choice(_WORDS) + r.choice(["报告", "方案", "清单", "说明", "汇总"])
