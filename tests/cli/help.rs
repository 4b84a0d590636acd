//! What the help teaches, as people see it.

use crate::shell::meridian;

macro_rules! helps {
    ($($test:ident: $($word:literal)*;)*) => {$(
        #[test]
        fn $test() {
            let told = meridian([$($word,)* "--help"]).ending(0);
            insta::with_settings!({ prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(stringify!($test), told.out);
            });
        }
    )*};
}

helps! {
    help_of_meridian:;
    help_of_staff: "staff";
    help_of_plan: "plan";
    help_of_dates: "dates";
    help_of_replan: "replan";
    help_of_check: "check";
    help_of_explain: "explain";
    help_of_diff: "diff";
    help_of_show: "show";
    help_of_import_busy: "import" "busy";
    help_of_export: "export";
    help_of_doctor: "doctor";
    help_of_schema: "schema";
    help_of_serve: "serve";
}
